import { KafkaError } from '../../errors.ts';
import { partitionKey, type TopicPartition } from '../../model/topicPartition.ts';
import type { Fetched, PartitionReader, ReaderOptions } from '../KafkaClient.ts';
import { Fetcher, withPlace } from './reader/Fetcher.ts';
import { ReadCursor } from './reader/ReadCursor.ts';
import type { Codecs } from './records/Codecs.ts';
import type { Wire } from './Wire.ts';

export interface ReaderParts {
  readonly wire: Wire;
  readonly codecs: Codecs;
  /** The name of the connections its long polls go by. */
  readonly lane: string;
  readonly options: ReaderOptions;
  readonly onClose?: () => void;
}

/** A poll that waits. */
interface Waiting {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly resolve: (fetched: readonly Fetched[]) => void;
  readonly reject: (error: unknown) => void;
  readonly cancelTimer: () => void;
}

const defaultMaxBytes = 16_777_216;
/** The longest a broker is asked to hold an answer back. */
const longestWaitMs = 500;
/** A shorter rest of a wait is not worth another request. */
const shortestWaitMs = 20;

/** Reads chosen partitions, each answer fetched while the one before is worked on. */
export class KafkajsReader implements PartitionReader {
  readonly #p: ReaderParts;
  readonly #fetcher: Fetcher;
  #cursors = new Map<string, ReadCursor>();
  #waiting: Waiting | null = null;
  #isPolling = false;
  #lastWaitMs = 0;
  #turn = 0;
  #isClosed = false;

  constructor(parts: ReaderParts) {
    this.#p = parts;
    this.#fetcher = new Fetcher({
      wire: parts.wire,
      codecs: parts.codecs,
      lane: parts.lane,
      reader: parts.options,
      onChange: () => this.#changed(),
    });
  }

  assign(positions: readonly (TopicPartition & { readonly offset: number })[]): void {
    this.#mustBeOpen();
    const before = this.#cursors;
    const now = new Map<string, ReadCursor>();
    for (const { topic, partition, offset } of positions) {
      const key = partitionKey({ topic, partition });
      if (now.has(key)) throw misused('is assigned twice: name it once', { topic, partition });
      // A partition that stays where it is keeps what was fetched of it.
      const kept = before.get(key);
      const cursor = kept?.position === offset ? kept : new ReadCursor(topic, partition, offset);
      cursor.isPaused = false;
      now.set(key, cursor);
    }
    this.#cursors = now;
    this.#changed();
  }

  seek(tp: TopicPartition, offset: number): void {
    const cursor = this.#cursor(tp);
    if (cursor.position !== offset || cursor.failure !== null) cursor.seek(offset);
    this.#changed();
  }

  position(tp: TopicPartition): number {
    return this.#cursor(tp).position;
  }

  pause(tps: readonly TopicPartition[]): void {
    for (const tp of tps) this.#cursor(tp).isPaused = true;
  }

  resume(tps: readonly TopicPartition[]): void {
    for (const tp of tps) this.#cursor(tp).isPaused = false;
    this.#changed();
  }

  async poll(maxWaitMs: number): Promise<readonly Fetched[]> {
    this.#mustBeOpen();
    if (this.#isPolling) throw misused('is being polled: await that poll first');
    this.#lastWaitMs = Math.min(maxWaitMs, longestWaitMs);
    const ready = this.#collect();
    if (ready.length > 0) {
      this.#pump(this.#lastWaitMs);
      return ready;
    }
    this.#isPolling = true;
    try {
      return maxWaitMs > 0 ? await this.#wait(maxWaitMs) : await this.#probe();
    } finally {
      this.#isPolling = false;
    }
  }

  wakeup(): void {
    this.#finish(() => this.#collectAll());
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#fetcher.close();
    this.#cursors = new Map();
    this.#finish(() => []);
    this.#p.onClose?.();
  }

  /** Asks, and brings what has come by the time that all else had its turn. */
  async #probe(): Promise<readonly Fetched[]> {
    this.#pump(0);
    await this.#p.wire.clock.breathe();
    return this.#collectAll();
  }

  #wait(maxWaitMs: number): Promise<readonly Fetched[]> {
    const { clock } = this.#p.wire;
    return new Promise((resolve, reject) => {
      const sinceMs = clock.now();
      const cancelTimer = clock.after(maxWaitMs, () => this.#finish(() => this.#collectAll()));
      this.#waiting = { sinceMs, untilMs: sinceMs + maxWaitMs, resolve, reject, cancelTimer };
      this.#changed();
    });
  }

  /** Something came, or may be asked for: ends the wait when that is enough, else goes on asking. */
  #changed(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    if (this.#hasSomething()) {
      this.#finish(() => this.#collect());
      if (!this.#isClosed) this.#pump(this.#lastWaitMs);
      return;
    }
    const leftMs = waiting.untilMs - this.#p.wire.clock.now();
    const wholeMs = waiting.untilMs - waiting.sinceMs;
    if (leftMs < Math.max(shortestWaitMs, wholeMs / 4) && this.#allAnswered()) {
      this.#finish(() => this.#collectAll());
      return;
    }
    // Asked for a little less than is left, the answer is there before the wait ends.
    this.#pump(Math.min(longestWaitMs, leftMs * 0.8));
  }

  #pump(waitMs: number): void {
    this.#fetcher.pump(this.#cursors.values(), waitMs);
  }

  #finish(collect: () => readonly Fetched[]): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    this.#waiting = null;
    waiting.cancelTimer();
    try {
      waiting.resolve(collect());
    } catch (error) {
      waiting.reject(error);
    }
  }

  #hasSomething(): boolean {
    this.#fetcher.checkMissing(this.#cursors.values());
    if (this.#fetcher.failure !== null) return true;
    for (const cursor of this.#cursors.values()) if (cursor.isReady) return true;
    return false;
  }

  #allAnswered(): boolean {
    for (const { hasNews, isPaused } of this.#cursors.values()) {
      if (!hasNews && !isPaused) return false;
    }
    return true;
  }

  /** Decodes what was fetched, up to the bound of bytes; another partition begins each time. */
  #collect(): Fetched[] {
    this.#throwFailure();
    const cursors = [...this.#cursors.values()];
    const fetched: Fetched[] = [];
    let budget = this.#p.options.maxBytes ?? defaultMaxBytes;
    const turn = this.#turn++;
    for (let n = 0; n < cursors.length && budget > 0; n++) {
      const cursor = cursors[(turn + n) % cursors.length] as ReadCursor;
      if (!cursor.isReady) continue;
      try {
        const before = cursor.batches?.remainingBytes ?? 0;
        const records = this.#read(cursor, budget);
        budget -= before - (cursor.batches?.remainingBytes ?? 0);
        cursor.hasNews = false;
        fetched.push(cursor.fetched(records));
      } catch (error) {
        // What others brought is not lost for it: it comes again at the next poll.
        if (fetched.length === 0) {
          cursor.failure = null;
          throw error;
        }
      }
    }
    return fetched;
  }

  #read(cursor: ReadCursor, budget: number): ReturnType<ReadCursor['read']> {
    if (cursor.failure !== null) throw cursor.failure;
    try {
      return cursor.read(budget);
    } catch (error) {
      throw withPlace(error, cursor);
    }
  }

  /** What was fetched, and the news of partitions that have nothing. */
  #collectAll(): readonly Fetched[] {
    const fetched = this.#collect();
    for (const cursor of this.#cursors.values()) {
      if (!cursor.hasNews || cursor.isPaused) continue;
      cursor.hasNews = false;
      fetched.push(cursor.fetched([]));
    }
    return fetched;
  }

  #throwFailure(): void {
    const { failure } = this.#fetcher;
    if (failure === null) return;
    this.#fetcher.failure = null;
    throw failure;
  }

  #cursor(tp: TopicPartition): ReadCursor {
    const cursor = this.#cursors.get(partitionKey(tp));
    if (cursor !== undefined) return cursor;
    throw misused('is not assigned to this reader: assign it first', tp);
  }

  #mustBeOpen(): void {
    if (this.#isClosed) {
      throw new KafkaError('CLIENT_CLOSED', 'This reader is closed. Make a new one to go on.');
    }
  }
}

function misused(what: string, place?: TopicPartition): KafkaError {
  const subject = place === undefined ? 'The reader' : 'The partition';
  return new KafkaError('INVALID_OPTION', `${subject} ${what}.`, place ? { place } : {});
}
