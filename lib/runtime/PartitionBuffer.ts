import type { Fetched, Isolation, LogRecord } from '../client/KafkaClient.ts';
import type { AnyRecord } from '../model/record.ts';
import { partitionKey } from '../model/topicPartition.ts';
import type { InputTopic } from './AppLayout.ts';
import { LaneProgress } from './LaneProgress.ts';
import type { Progress } from './laneHeader.ts';
import { decodeOffsetMetadata } from './offsetMetadata.ts';

/** Makes a record of what lay in the log. Null: it is left out (undecodable, no event time). */
export interface HeadDecoder {
  decode(raw: LogRecord, buffer: PartitionBuffer): AnyRecord | Progress | null;
}

const noBytes = new Uint8Array(0);

/**
 * What has been fetched of one partition and not yet been taken up, and how far the partition is
 * read.
 */
export class PartitionBuffer {
  readonly key: string;
  readonly topic: string;
  readonly partition: number;
  readonly input: InputTopic;
  readonly lanes: LaneProgress | null;
  /** The next record, decoded; null: see `progress`, or there is none. */
  head: AnyRecord | null = null;
  /** The next record is an upstream task's word. */
  progress: Progress | null = null;
  headTime = -1;
  /** The upstream task's stream time, where the head tells it; else -1. */
  headUpstreamTime = -1;
  /** The bytes of the head's key, for whoever writes that very key again. */
  headKeyBytes: Uint8Array = noBytes;
  headKey: unknown = null;
  headOffset = -1;
  records = 0;
  bytes = 0;
  isPaused = false;
  /** The highest event time taken from here. */
  time = -1;
  /** Where the next fetch begins; -1: not known yet. */
  position = -1;
  /** Up to here everything has been taken up: what a commit says. */
  consumed = -1;
  committed = -1;
  /** How far the log went when it was last heard of. */
  end = -1;
  readonly decoder: HeadDecoder;
  readonly #chunks: { readonly records: readonly LogRecord[]; readonly bytes: number }[] = [];
  #at = 0;
  #isReadToEnd = false;
  /** The next record cannot be taken, nor passed over. */
  #failure: { readonly error: unknown } | null = null;

  constructor(input: InputTopic, partition: number, decoder: HeadDecoder) {
    this.input = input;
    this.topic = input.topic;
    this.partition = partition;
    this.key = partitionKey(this);
    this.lanes = input.repartition === null ? null : new LaneProgress(input.upstreams);
    this.decoder = decoder;
  }

  /** Starts to read here. */
  seek(offset: number): void {
    this.position = offset;
    this.consumed = offset;
    this.#chunks.length = 0;
    this.#at = 0;
    this.records = 0;
    this.bytes = 0;
    this.head = null;
    this.progress = null;
    this.#isReadToEnd = false;
    this.#failure = null;
  }

  /** Takes up where a commit left off. */
  resume(offset: number, metadata: string | undefined): void {
    this.seek(offset);
    const saved = decodeOffsetMetadata(metadata);
    if (saved === null) return;
    this.committed = offset;
    this.time = saved.partitionTime;
    saved.lanes.forEach((lane, upstream) => {
      this.lanes?.say(upstream, lane.time, lane.atEnd);
    });
  }

  add(fetched: Fetched, isolation: Isolation): void {
    const wasEmpty = this.records === 0;
    const count = fetched.records.length;
    this.position = fetched.nextOffset;
    this.end = isolation === 'read-committed' ? fetched.lastStableOffset : fetched.highWatermark;
    if (count > 0) {
      const bytes = estimatedBytes(fetched.records);
      this.#chunks.push({ records: fetched.records, bytes });
      this.records += count;
      this.bytes += bytes;
      this.#isReadToEnd = false;
    } else if (wasEmpty) this.#isReadToEnd = this.position >= this.end;
    // Only markers and what is compacted away: there is nothing to wait for.
    if (wasEmpty && count === 0) this.consumed = this.position;
  }

  /** Decodes the next record, if there is one. */
  prepare(): boolean {
    if (this.head !== null || this.progress !== null) return true;
    if (this.#failure !== null) throw this.#failure.error;
    while (this.records > 0) {
      const raw = this.#next();
      this.headOffset = raw.offset;
      this.headUpstreamTime = -1;
      const decoded = this.#decode(raw);
      if (decoded === null) {
        this.#passed(raw.offset);
        continue;
      }
      if ('upstream' in decoded) {
        this.progress = decoded;
        this.headTime = decoded.time;
      } else {
        this.head = decoded;
        this.headTime = decoded.timestamp;
      }
      // It counts until it is taken, so that an open head is not an empty buffer.
      this.records += 1;
      return true;
    }
    return false;
  }

  /** The head has been taken up. */
  shift(): void {
    this.head = null;
    this.progress = null;
    this.records -= 1;
    if (this.headTime > this.time) this.time = this.headTime;
    this.#passed(this.headOffset);
  }

  /**
   * Nothing is buffered, and at the latest look nothing more was there; nor will the upstream tasks
   * write more.
   */
  get isAtEnd(): boolean {
    if (this.records > 0 || !this.#isReadToEnd) return false;
    return this.lanes === null || !this.input.waitsForUpstreams || this.lanes.allAtEnd;
  }

  /** The log may have more, as far as is known: a look without waiting tells. */
  get needsProbe(): boolean {
    return this.records === 0 && !this.#isReadToEnd && this.position >= 0;
  }

  get lag(): number {
    return this.end < 0 ? 0 : Math.max(0, this.end - this.consumed);
  }

  #decode(raw: LogRecord): AnyRecord | Progress | null {
    try {
      return this.decoder.decode(raw, this);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  #passed(offset: number): void {
    this.consumed = this.records === 0 ? this.position : offset + 1;
  }

  #next(): LogRecord {
    const chunk = this.#chunks[0] as { records: readonly LogRecord[]; bytes: number };
    const raw = chunk.records[this.#at] as LogRecord;
    this.#at += 1;
    this.records -= 1;
    if (this.#at === chunk.records.length) {
      this.#chunks.shift();
      this.#at = 0;
      this.bytes -= chunk.bytes;
    }
    return raw;
  }
}

const samples = 16;

/** From some of the records: to look at each would cost as much as to decode its key. */
function estimatedBytes(records: readonly LogRecord[]): number {
  const step = Math.max(1, Math.floor(records.length / samples));
  let bytes = 0;
  let looked = 0;
  for (let i = 0; i < records.length; i += step) {
    const { key, value } = records[i] as LogRecord;
    bytes += (key?.length ?? 0) + (value?.length ?? 0) + 50;
    looked += 1;
  }
  return Math.ceil((bytes / looked) * records.length);
}
