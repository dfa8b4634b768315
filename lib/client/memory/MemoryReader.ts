import { partitionKey, type TopicPartition } from '../../model/topicPartition.ts';
import type { Fetched, LogRecord, PartitionReader, ReaderOptions } from '../KafkaClient.ts';
import { clientClosed, misused, unknownTopic } from './answers.ts';
import type { Link } from './Link.ts';
import type { LogSlice, MemoryLog } from './MemoryLog.ts';

/** Where a reader stands in one partition. */
interface Cursor {
  readonly topic: string;
  readonly partition: number;
  log: MemoryLog | null;
  /** -1: not yet sought, not fetched. */
  position: number;
  isPaused: boolean;
}

interface Parked {
  readonly resolve: (fetched: readonly Fetched[]) => void;
  readonly reject: (error: unknown) => void;
  readonly cancelTimer: () => void;
}

/**
 * The most that one poll brings, whatever is allowed: its records are objects until they are
 * worked on, and so many of them at once outlive the young generation of the heap.
 */
const mostReadBytes = 1 << 17;

const noRecords: readonly LogRecord[] = [];

/** Finds a log; undefined while its topic does not exist. */
export type FindLog = (topic: string, partition: number) => MemoryLog | undefined;

/** Reads logs; waits without a timer of its own: an append wakes it. */
export class MemoryReader implements PartitionReader {
  readonly #link: Link;
  readonly #find: FindLog;
  readonly #options: Required<Pick<ReaderOptions, 'isolation' | 'maxBytes' | 'maxPartitionBytes'>>;
  readonly #offLink: () => void;
  readonly #onClose: () => void;
  readonly #onAppend = (): void => this.#retry();
  #cursors: Cursor[] = [];
  readonly #byKey: Map<string, Cursor> = new Map();
  #parked: Parked | null = null;
  #turn = 0;
  /** Woken since the last call of `poll`: on its way under faults, it must not park. */
  #isWoken = false;
  #isClosed = false;

  constructor(link: Link, find: FindLog, o: ReaderOptions, onClose: () => void = () => {}) {
    this.#link = link;
    this.#find = find;
    this.#onClose = onClose;
    const { isolation, maxBytes = 16 << 20, maxPartitionBytes = 1 << 20 } = o;
    this.#options = { isolation, maxBytes, maxPartitionBytes };
    this.#offLink = link.onEnd(() => this.#end());
  }

  assign(positions: readonly (TopicPartition & { readonly offset: number })[]): void {
    this.drop(this.#cursors);
    this.add(positions);
  }

  /** Adds partitions; an offset of -1 waits for `seek`. */
  add(positions: readonly (TopicPartition & { readonly offset: number })[]): void {
    this.#checkOpen();
    for (const { topic, partition, offset } of positions) {
      const key = partitionKey({ topic, partition });
      if (this.#byKey.has(key)) {
        throw misused('A partition is assigned twice: name it once', { topic, partition });
      }
      const cursor = { topic, partition, log: null, position: offset, isPaused: false };
      this.#byKey.set(key, cursor);
      this.#cursors.push(cursor);
      this.#locate(cursor);
    }
    this.#retry();
  }

  drop(tps: readonly TopicPartition[]): void {
    for (const tp of tps) {
      const key = partitionKey(tp);
      this.#byKey.get(key)?.log?.watchers.delete(this.#onAppend);
      this.#byKey.delete(key);
    }
    this.#cursors = [...this.#byKey.values()];
  }

  seek(tp: TopicPartition, offset: number): void {
    this.#cursor(tp).position = offset;
    this.#retry();
  }

  position(tp: TopicPartition): number {
    const { position } = this.#cursor(tp);
    if (position < 0) throw misused('This partition has no position yet: seek first', tp);
    return position;
  }

  pause(tps: readonly TopicPartition[]): void {
    for (const tp of tps) this.#cursor(tp).isPaused = true;
  }

  resume(tps: readonly TopicPartition[]): void {
    for (const tp of tps) this.#cursor(tp).isPaused = false;
    this.#retry();
  }

  poll(maxWaitMs: number): Promise<readonly Fetched[]> {
    if (this.#isClosed)
      return this.#link.call('fetch', '', () => Promise.reject(clientClosed('poll')));
    this.#isWoken = false;
    return this.#link.call('fetch', this.#cursors[0]?.topic ?? '', () => this.#poll(maxWaitMs));
  }

  wakeup(): void {
    this.#isWoken = true;
    this.#answer(() => this.#collect());
  }

  async close(): Promise<void> {
    this.#end();
  }

  #poll(maxWaitMs: number): readonly Fetched[] | Promise<readonly Fetched[]> {
    if (this.#parked !== null) throw misused('A poll is under way: await it first');
    const fetched = this.#collect();
    if (fetched.length > 0 || this.#isWoken) return fetched;
    if (maxWaitMs <= 0) return this.#ends();
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#link.clock.after(maxWaitMs, () => {
        this.#answer(() => {
          const late = this.#collect();
          return late.length > 0 ? late : this.#ends();
        });
      });
      this.#parked = { resolve, reject, cancelTimer };
    });
  }

  /** Something may have come for a parked poll. */
  #retry(): void {
    if (this.#parked === null) return;
    let fetched: readonly Fetched[];
    try {
      if (!this.#hasSomething()) return;
      fetched = this.#collect();
    } catch (error) {
      this.#answer(() => {
        throw error;
      });
      return;
    }
    if (fetched.length > 0) this.#answer(() => fetched);
  }

  #answer(fetched: () => readonly Fetched[]): void {
    const parked = this.#parked;
    if (parked === null) return;
    this.#parked = null;
    parked.cancelTimer();
    try {
      parked.resolve(fetched());
    } catch (error) {
      parked.reject(error);
    }
  }

  #hasSomething(): boolean {
    const { isolation } = this.#options;
    return this.#cursors.some((cursor) => {
      if (!this.#isRead(cursor)) return false;
      const { log, position } = cursor;
      if (log === null || log.isDeleted || position < log.startOffset) return true;
      return position !== log.highWatermark && position !== log.endFor(isolation);
    });
  }

  #collect(): readonly Fetched[] {
    const fetched: Fetched[] = [];
    const { isolation, maxBytes, maxPartitionBytes } = this.#options;
    const most = Math.min(maxBytes, mostReadBytes);
    let budget = most;
    const count = this.#cursors.length;
    // Another partition begins each time, so that one with much does not starve the rest.
    this.#turn += 1;
    for (let i = 0; i < count && budget > 0; i++) {
      const cursor = this.#cursors[(this.#turn + i) % count] as Cursor;
      if (!this.#isRead(cursor)) continue;
      const limit = Math.min(maxPartitionBytes, budget);
      let slice: LogSlice | null;
      try {
        slice = this.#log(cursor).read(cursor.position, isolation, limit, budget === most);
      } catch (error) {
        // What was read of others is not lost for it: its turn comes again.
        if (fetched.length > 0) continue;
        throw error;
      }
      if (slice === null) continue;
      budget -= slice.bytes;
      cursor.position = slice.nextOffset;
      fetched.push(this.#fetched(this.#log(cursor), slice.records, slice.nextOffset));
    }
    return fetched;
  }

  /** What a broker answers when its wait is over: where each log ends. */
  #ends(): readonly Fetched[] {
    const fetched: Fetched[] = [];
    for (const cursor of this.#cursors) {
      if (!this.#isRead(cursor) || cursor.log === null) continue;
      fetched.push(this.#fetched(cursor.log, noRecords, cursor.position));
    }
    return fetched;
  }

  #fetched(log: MemoryLog, records: readonly LogRecord[], nextOffset: number): Fetched {
    return {
      topic: log.topic,
      partition: log.partition,
      records,
      nextOffset,
      highWatermark: log.highWatermark,
      lastStableOffset: log.lastStableOffset,
      logStartOffset: log.startOffset,
    };
  }

  #isRead(cursor: Cursor): boolean {
    return !cursor.isPaused && cursor.position >= 0;
  }

  #locate(cursor: Cursor): MemoryLog | null {
    if (cursor.log !== null && !cursor.log.isDeleted) return cursor.log;
    cursor.log?.watchers.delete(this.#onAppend);
    cursor.log = this.#find(cursor.topic, cursor.partition) ?? null;
    cursor.log?.watchers.add(this.#onAppend);
    return cursor.log;
  }

  #log(cursor: Cursor): MemoryLog {
    const log = this.#locate(cursor);
    if (log === null) throw unknownTopic(cursor.topic, cursor.partition);
    return log;
  }

  #cursor(tp: TopicPartition): Cursor {
    const cursor = this.#byKey.get(partitionKey(tp));
    if (cursor !== undefined) return cursor;
    throw misused('This partition is not assigned to this reader: assign it first', tp);
  }

  #checkOpen(): void {
    if (this.#isClosed) throw clientClosed('reader');
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#offLink();
    this.drop(this.#cursors);
    this.#answer(() => []);
    this.#onClose();
  }
}
