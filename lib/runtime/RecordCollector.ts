import type { NewRecord } from '../client/KafkaClient.ts';
import { partitionForKey } from '../client/murmur2.ts';
import type { StreamsError } from '../errors.ts';
import type { ErrorPolicy } from '../model/ErrorPolicy.ts';
import type { LogRecord } from '../model/logRecord.ts';
import type { AnyRecord } from '../model/record.ts';
import type { AnySerde } from '../topology/NodeSpec.ts';
import { type DeadLetterOrigin, deadLetterRecord } from './deadLetterRecord.ts';
import { type OutputChannel, PendingPartition } from './OutputChannel.ts';

/** A record for a topic whose partition count is not known yet. */
interface Unplaced {
  readonly topic: string;
  readonly record: NewRecord;
  readonly place: (partitions: number) => number;
  readonly channel: OutputChannel;
}

/** A turn that wrote more than this leaves no memory behind. */
const mostKept = 1024;

/**
 * Collects what a thread's tasks write. What a turn wrote can be taken back until the turn ends.
 */
export class RecordCollector {
  /**
   * The key of the record whose turn it is, as decoded, with its bytes: most writers write it
   * again.
   */
  currentKey: unknown = undefined;
  currentKeyBytes: Uint8Array | null = null;
  currentKeySerde: AnySerde | null = null;
  /** Of users' topics. */
  readonly outputs: OutputChannel;
  /** Of changelogs and repartitions. */
  readonly internal: OutputChannel;
  readonly production: ErrorPolicy;
  /** A record larger than this is a production error; what brokers take by default. */
  readonly maxRecordBytes: number;
  readonly #counts: Map<string, number>;
  readonly #topics = new Map<string, readonly PendingPartition[]>();
  /** Where the turn's records wait: so many of them, what is behind is of turns before. */
  readonly #turn: PendingPartition[] = [];
  #written = 0;
  #unplaced: Unplaced[] = [];
  #unplacedMark = 0;
  readonly #onDropped: (task: string, error: StreamsError) => void;

  constructor(o: {
    readonly outputs: OutputChannel;
    readonly internal: OutputChannel;
    readonly counts: ReadonlyMap<string, number>;
    readonly production: ErrorPolicy;
    readonly maxRecordBytes: number;
    readonly onDropped: (task: string, error: StreamsError) => void;
  }) {
    this.outputs = o.outputs;
    this.internal = o.internal;
    this.#counts = new Map(o.counts);
    this.production = o.production;
    this.maxRecordBytes = o.maxRecordBytes;
    this.#onDropped = o.onDropped;
  }

  /** Waiting or unacknowledged. */
  get bytes(): number {
    return this.outputs === this.internal
      ? this.outputs.bytes
      : this.outputs.bytes + this.internal.bytes;
  }

  /** The partitions of a topic; null while it is not known how many there are. */
  partitions(topic: string, channel: OutputChannel): readonly PendingPartition[] | null {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const count = this.#counts.get(topic);
    if (count === undefined) return null;
    const made = Array.from({ length: count }, (_, p) => new PendingPartition(topic, p, channel));
    this.#topics.set(topic, made);
    return made;
  }

  add(to: PendingPartition, record: NewRecord): void {
    this.#turn[this.#written++] = to;
    to.channel.add(to, record);
  }

  addUnplaced(unplaced: Unplaced): void {
    this.#unplaced.push(unplaced);
  }

  beginTurn(): void {
    this.#written = 0;
    if (this.#turn.length > mostKept) this.#turn.length = 0;
    this.#unplacedMark = this.#unplaced.length;
  }

  rollbackTurn(): void {
    for (let i = this.#written - 1; i >= 0; i--) {
      const to = this.#turn[i] as PendingPartition;
      to.channel.undo(to);
    }
    this.#written = 0;
    this.#unplaced.length = this.#unplacedMark;
  }

  flush(): void {
    this.outputs.flush();
    if (this.internal !== this.outputs) this.internal.flush();
  }

  /** Topics chosen record by record that must be asked for before their records can be sent. */
  unknownTopics(): readonly string[] {
    return this.#unplaced.length === 0 ? [] : [...new Set(this.#unplaced.map((u) => u.topic))];
  }

  /** These are known now; what waited for them goes on its way. */
  learn(counts: ReadonlyMap<string, number>): void {
    for (const [topic, count] of counts) this.#counts.set(topic, count);
    const waiting = this.#unplaced;
    this.#unplaced = [];
    for (const unplaced of waiting) {
      const partitions = this.partitions(unplaced.topic, unplaced.channel);
      if (partitions === null) this.#unplaced.push(unplaced);
      else {
        const to = partitions[unplaced.place(partitions.length)] as PendingPartition;
        to.channel.add(to, unplaced.record);
      }
    }
  }

  /** Forgets what is not sent. */
  clear(): void {
    this.#written = 0;
    this.#unplaced = [];
  }

  deadLetter(topic: string, raw: LogRecord | null, origin: DeadLetterOrigin, error: unknown): void {
    const record = deadLetterRecord(raw, origin, error);
    const place = (count: number): number =>
      raw?.key == null ? Math.max(0, origin.offset) % count : partitionForKey(raw.key, count);
    const partitions = this.partitions(topic, this.outputs);
    if (partitions === null) {
      this.addUnplaced({ topic, record, place, channel: this.outputs });
      return;
    }
    this.add(partitions[place(partitions.length)] as PendingPartition, record);
  }

  /** A record that cannot be written: what `errors.production` says. */
  refuse(
    error: StreamsError,
    record: AnyRecord,
    origin: DeadLetterOrigin,
    raw: LogRecord | null,
  ): void {
    if (this.production.policy === 'fail') throw error;
    this.#onDropped(origin.task ?? '', error);
    if (this.production.policy === 'dead-letter') {
      this.deadLetter(this.production.topic, raw ?? withoutBytes(record), origin, error);
    }
  }
}

function withoutBytes(record: AnyRecord): LogRecord {
  return {
    offset: -1,
    timestamp: record.timestamp,
    key: null,
    value: null,
    headers: record.headers,
  };
}
