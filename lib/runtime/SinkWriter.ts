import type { NewRecord } from '../client/KafkaClient.ts';
import { partitionForKey } from '../client/murmur2.ts';
import { StreamsError } from '../errors.ts';
import type { Headers } from '../model/logRecord.ts';
import { type AnyRecord, origin } from '../model/record.ts';
import type { AnySerde, SinkSpec } from '../topology/NodeSpec.ts';
import { type Progress, progressHeader, upstreamTimeHeader } from './laneHeader.ts';
import type { OutputChannel, PendingPartition } from './OutputChannel.ts';
import { ProductionError } from './ProductionError.ts';
import type { RecordCollector } from './RecordCollector.ts';

type Encode = (value: unknown) => Uint8Array;

/**
 * Writes one sink's records: encodes by its serdes, chooses the partition, hands them to the
 * collector.
 */
export class SinkWriter {
  readonly #node: string;
  readonly #spec: SinkSpec;
  readonly #collector: RecordCollector;
  readonly #channel: OutputChannel;
  /** Set: all records go to this topic. */
  readonly #topic: string | null;
  /** Tells a repartition's readers which task wrote the record. */
  readonly #lane: readonly [string, Uint8Array] | null;
  readonly #laneAlone: Headers;
  readonly #keySerde: AnySerde;
  readonly #encodeKey: Encode;
  readonly #encodeValue: Encode;
  readonly #partitionBytes: Encode | null;
  #partitions: readonly PendingPartition[] | null = null;
  /**
   * For each partition what the readers were told last: 0 nothing, 1 more may come, 2 at the end;
   * and the time.
   */
  readonly #said: number[] = [];
  readonly #saidTimes: number[] = [];
  /** The task's stream time; null where nobody is to be told, or progress records tell. */
  readonly #taskTime: (() => number) | null;

  constructor(o: {
    readonly node: string;
    readonly spec: SinkSpec;
    readonly collector: RecordCollector;
    readonly topic: string | null;
    readonly lane: readonly [string, Uint8Array] | null;
    readonly taskTime: () => number;
  }) {
    const { spec, collector } = o;
    this.#node = o.node;
    this.#spec = spec;
    this.#collector = collector;
    this.#channel = spec.repartition === null ? collector.outputs : collector.internal;
    this.#topic = o.topic;
    this.#lane = o.lane;
    this.#laneAlone = o.lane === null ? [] : [o.lane];
    this.#taskTime = spec.repartition === null || o.lane !== null ? null : o.taskTime;
    this.#keySerde = spec.key;
    const key = spec.key as unknown as { encode: Encode; partitionBytes?: Encode };
    const value = spec.value as unknown as { encode: Encode };
    this.#encodeKey = (k) => key.encode(k);
    this.#encodeValue = (v) => value.encode(v);
    this.#partitionBytes =
      key.partitionBytes === undefined ? null : (k) => key.partitionBytes?.(k) as Uint8Array;
  }

  write(record: AnyRecord): void {
    // Made anew by a foreign operator: it may lack its time, too. Who catches this says so.
    if (record[origin] === undefined) throw new TypeError('no record');
    const collector = this.#collector;
    let key: Uint8Array | null;
    let value: Uint8Array | null;
    try {
      key =
        record.key === null
          ? null
          : record.key === collector.currentKey && this.#keySerde === collector.currentKeySerde
            ? collector.currentKeyBytes
            : this.#encodeKey(record.key);
      value = record.value === null ? null : this.#encodeValue(record.value);
    } catch (error) {
      const remedy = 'Give the topic serdes that fit';
      this.#refuse(record, `cannot be encoded: ${textOf(error)}. ${remedy}`, error);
      return;
    }
    const size = (key?.length ?? 0) + (value?.length ?? 0) + 100;
    if (size > collector.maxRecordBytes) {
      const most = collector.maxRecordBytes;
      this.#refuse(
        record,
        `is too large: ${size} bytes, most are ${most}. Write less, or raise maxRecordBytes and the topic's max.message.bytes`,
        null,
      );
      return;
    }
    const { timestamp } = record;
    let sent: NewRecord = { key, value, timestamp, headers: this.#headers(record.headers) };
    const partitions = this.#topic === null ? this.#chosen(record) : this.#fixed();
    if (partitions === null) {
      this.#postpone(record, sent);
      return;
    }
    const place = this.#place(record, key, partitions.length);
    if (this.#lane !== null) this.#said[place] = 1;
    if (this.#taskTime !== null) sent = this.#timed(sent, place, this.#taskTime());
    collector.add(partitions[place] as PendingPartition, sent);
  }

  /** Records that were left out have moved time on: the next that goes through tells. */
  #timed(record: NewRecord, place: number, time: number): NewRecord {
    if (time <= (this.#saidTimes[place] ?? -1)) return record;
    this.#saidTimes[place] = time;
    if (time <= record.timestamp) return record;
    return { ...record, headers: [...(record.headers ?? []), upstreamTimeHeader(time)] };
  }

  /** Tells the readers of a repartition how far this task is, where they have not been told. */
  say(progress: Progress): void {
    const { upstream, time, atEnd } = progress;
    const partitions = this.#lane === null ? null : this.#fixed();
    if (partitions === null) return;
    const header = progressHeader({ upstream, time, atEnd });
    const word = atEnd ? 2 : 1;
    for (const to of partitions) {
      const place = to.partition;
      if (this.#said[place] === word && this.#saidTimes[place] === time) continue;
      this.#said[place] = word;
      this.#saidTimes[place] = time;
      const timestamp = Math.max(0, time);
      this.#collector.add(to, { key: null, value: null, timestamp, headers: [header] });
    }
  }

  #headers(headers: Headers): Headers {
    if (this.#lane === null) return headers;
    return headers.length === 0 ? this.#laneAlone : [...headers, this.#lane];
  }

  #fixed(): readonly PendingPartition[] | null {
    this.#partitions ??= this.#collector.partitions(this.#topic as string, this.#channel);
    return this.#partitions;
  }

  #chosen(record: AnyRecord): readonly PendingPartition[] | null {
    return this.#collector.partitions(this.#name(record), this.#channel);
  }

  #name(record: AnyRecord): string {
    const { topic } = this.#spec;
    return this.#topic ?? (typeof topic === 'function' ? topic(record) : (topic ?? ''));
  }

  #place(record: AnyRecord, key: Uint8Array | null, count: number): number {
    const { partitioner } = this.#spec;
    if (partitioner !== null) {
      const chosen = partitioner(record, count);
      if (Number.isInteger(chosen) && chosen >= 0 && chosen < count) return chosen;
      throw new StreamsError(
        'INVALID_OPTION',
        `${this.#node}: its partitioner chose ${chosen} of ${count} partitions: answer a whole number from 0 to ${count - 1}.`,
      );
    }
    if (count === 1) return 0;
    // Spread, and the same after a restart.
    if (key === null)
      return (Math.max(0, record[origin].offset) + record[origin].partition) % count;
    const bytes = this.#partitionBytes === null ? key : this.#partitionBytes(record.key);
    return partitionForKey(bytes, count);
  }

  #postpone(record: AnyRecord, sent: NewRecord): void {
    this.#collector.addUnplaced({
      topic: this.#name(record),
      record: sent,
      place: (count) => this.#place(record, sent.key, count),
      channel: this.#channel,
    });
  }

  #refuse(record: AnyRecord, what: string, cause: unknown): void {
    const from = record[origin];
    const topic = this.#topic ?? 'its topic';
    const { task, topic: source, partition, offset } = from;
    const error = new ProductionError(
      `${this.#node}: a record for ${topic} ${what}, or set errors.production to skip or deadLetter(topic).`,
      { task: task ?? undefined, topic: source, partition, offset },
      cause,
    );
    this.#collector.refuse(error, record, from, from.raw);
  }
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
