import type { KafkaError } from '../../../errors.ts';
import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { Fetched, LogRecord } from '../../KafkaClient.ts';
import type { BatchReader } from '../records/BatchReader.ts';
import type { NodeId } from '../Wire.ts';

/** Where a reader stands in one partition, and what it has fetched ahead of that. */
export class ReadCursor implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  position: number;
  isPaused = false;
  /**
   * Not answered yet since it was put where it is: should not wait for the long polls of others.
   */
  isUrgent = true;
  /**
   * The request under way that asks for it, if one does; to an older one's answer nobody listens.
   */
  asked: object | null = null;
  /** Fetched, but not read yet. */
  batches: BatchReader | null = null;
  /** An answer without records came that the caller was not told of yet. */
  hasNews = false;
  /** What was fetched is about to be read whole: what comes after it may be asked for already. */
  isDraining = false;
  failure: KafkaError | null = null;
  /**
   * The last answer cut its first batch short: asked for first, a batch comes whole whatever its
   * size.
   */
  isCramped = false;
  /** A follower near by that the leader sent us to. */
  follower: NodeId | null = null;
  /** It could not be read, and is not asked for until it has had a rest. */
  isResting = false;
  highWatermark = -1;
  lastStableOffset = -1;
  logStartOffset = -1;

  constructor(topic: string, partition: number, offset: number) {
    this.topic = topic;
    this.partition = partition;
    this.position = offset;
  }

  /** Fetched data or an error waits to be collected. */
  get isReady(): boolean {
    return !this.isPaused && (this.batches !== null || this.failure !== null);
  }

  /** Should be asked for now. */
  get isHungry(): boolean {
    if (this.isPaused || this.asked !== null || this.failure !== null) return false;
    return this.batches === null || this.isDraining;
  }

  /** Where to fetch from. */
  get fetchOffset(): number {
    return this.batches?.endOffset ?? this.position;
  }

  seek(offset: number): void {
    this.position = offset;
    this.isUrgent = true;
    this.asked = null;
    this.batches = null;
    this.failure = null;
    this.hasNews = false;
    this.isCramped = false;
    this.isDraining = false;
  }

  /**
   * Decodes up to about so many bytes, at least one batch. An error comes only when nothing else
   * did.
   */
  read(maxBytes: number): LogRecord[] {
    const records: LogRecord[] = [];
    const batches = this.batches;
    if (batches === null) return records;
    const floor = batches.remainingBytes - maxBytes;
    try {
      do {
        const before = records.length;
        try {
          batches.readBatch(records);
        } catch (error) {
          records.length = before;
          throw error;
        }
      } while (!batches.isDone && batches.remainingBytes > floor);
    } catch (error) {
      if (batches.nextOffset === this.position) throw error;
    }
    this.position = batches.nextOffset;
    this.isDraining = false;
    if (batches.isDone) this.batches = null;
    return records;
  }

  fetched(records: readonly LogRecord[]): Fetched {
    return {
      topic: this.topic,
      partition: this.partition,
      records,
      nextOffset: this.position,
      highWatermark: this.highWatermark,
      lastStableOffset: this.lastStableOffset,
      logStartOffset: this.logStartOffset,
    };
  }
}
