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
  readonly onClose?: () => unknown;
}

/** A poll that waits. */
interface Waiting {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly resolve: () => void;
  readonly cancelTimer: () => void;
}

/**
 * The most that one poll decodes. What was fetched beyond it stays bytes until the next poll: some
 * hundred thousand records alive at once cost the garbage collector more than decoding them does (a
 * million records: 0.4 s of processor time instead of 0.7), and while one partition's are worked
 * on, the next answer for another comes.
 */
const mostDecodedBytes = 1_048_576;
/** The longest a broker is asked to hold an answer back. */
const longestWaitMs = 500;
/** From this many bytes on, the next request goes out before they are decoded. */
const worthAskingFirst = 131_072;
/** A shorter rest of a wait is not worth another request. */
const shortestWaitMs = 20;

/** Reads chosen partitions, each answer fetched while the one before is worked on. */
export class KafkajsReader implements PartitionReader {
  readonly #p: ReaderParts;
  readonly #fetcher: Fetcher;
  #cursors = new Map<string, ReadCursor>();
  #waiting: Waiting | null = null;
  #isPolling = false;
  #waitMs = 0;
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
    for (const tp of tps) {
      const cursor = this.#cursor(tp);
      if (cursor.isPaused) cursor.isUrgent = true;
      cursor.isPaused = false;
    }
    this.#changed();
  }

  async poll(maxWaitMs: number): Promise<readonly Fetched[]> {
    this.#mustBeOpen();
    if (this.#isPolling) throw misused('is being polled: await that poll first');
    this.#isPolling = true;
    this.#waitMs = Math.min(maxWaitMs, longestWaitMs);
    try {
      if (!this.#hasSomething()) {
        if (maxWaitMs > 0) await this.#wait(maxWaitMs);
        else await this.#probe();
      }
      return await this.#take();
    } finally {
      this.#isPolling = false;
    }
  }

  wakeup(): void {
    this.#finish();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#fetcher.close();
    this.#cursors = new Map();
    this.#finish();
    this.#p.onClose?.();
  }

  /** Asks, and lets come what comes while all else has its turn. */
  async #probe(): Promise<void> {
    this.#pump(0);
    await this.#p.wire.clock.breathe();
  }

  #wait(maxWaitMs: number): Promise<void> {
    const { clock } = this.#p.wire;
    return new Promise((resolve) => {
      const sinceMs = clock.now();
      const cancelTimer = clock.after(maxWaitMs, () => this.#finish());
      this.#waiting = { sinceMs, untilMs: sinceMs + maxWaitMs, resolve, cancelTimer };
      this.#changed();
    });
  }

  /**
   * Something came, or may be asked for: ends the wait when that is enough, else goes on asking.
   */
  #changed(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    const leftMs = waiting.untilMs - this.#p.wire.clock.now();
    const wholeMs = waiting.untilMs - waiting.sinceMs;
    const isNearEnd = leftMs < Math.max(shortestWaitMs, wholeMs / 4);
    if (this.#hasSomething() || (isNearEnd && this.#allAnswered())) this.#finish();
    // Asked for a little less than is left, the answer is there before the wait ends.
    else this.#pump(Math.min(longestWaitMs, leftMs * 0.8));
  }

  #finish(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    this.#waiting = null;
    waiting.cancelTimer();
    waiting.resolve();
  }

  /** Reads what was fetched, and asks for what comes after it. */
  async #take(): Promise<readonly Fetched[]> {
    if (this.#markDraining() > worthAskingFirst) {
      // The question goes out before the work: the broker is busy with it meanwhile.
      this.#pump(this.#waitMs);
      await this.#p.wire.clock.breathe();
      if (this.#isClosed) return [];
    }
    const fetched = this.#collect();
    if (fetched.length === 0) return this.#news();
    this.#pump(this.#waitMs);
    return fetched;
  }

  /** Marks those that this poll reads to their end; answers how many bytes they are. */
  #markDraining(): number {
    let bytes = 0;
    for (const cursor of this.#inTurn()) {
      const size = cursor.isReady ? (cursor.batches?.remainingBytes ?? 0) : 0;
      if (size === 0) continue;
      if (bytes + size > this.#mostBytes) break;
      bytes += size;
      cursor.isDraining = true;
    }
    return bytes;
  }

  get #mostBytes(): number {
    return Math.min(this.#p.options.maxBytes ?? mostDecodedBytes, mostDecodedBytes);
  }

  /** In the order in which this poll reads: another partition begins each time. */
  #inTurn(): readonly ReadCursor[] {
    const cursors = [...this.#cursors.values()];
    const first = cursors.length === 0 ? 0 : this.#turn % cursors.length;
    return [...cursors.slice(first), ...cursors.slice(0, first)];
  }

  #pump(waitMs: number): void {
    this.#fetcher.pump(this.#cursors.values(), waitMs);
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

  /** Decodes what was fetched, up to the bound of bytes. */
  #collect(): Fetched[] {
    this.#throwFailure();
    const cursors = this.#inTurn();
    this.#turn++;
    const fetched: Fetched[] = [];
    let budget = this.#mostBytes;
    // What came while the others were asked for must not take the place of those.
    const isFirst = (cursor: ReadCursor): boolean => cursor.isDraining || cursor.failure !== null;
    const rest = cursors.filter((cursor) => !isFirst(cursor));
    for (const cursor of [...cursors.filter(isFirst), ...rest]) {
      if (!cursor.isReady || budget <= 0) continue;
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
          cursor.isDraining = false;
          throw error;
        }
      }
    }
    for (const cursor of cursors) cursor.isDraining = false;
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

  /** Answers of partitions that have nothing. */
  #news(): readonly Fetched[] {
    const fetched: Fetched[] = [];
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
