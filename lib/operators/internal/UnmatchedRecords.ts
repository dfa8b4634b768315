import { type AnyRecord, origin, streamRecord } from '../../model/record.ts';
import type { RowStore } from '../../state/RowStore.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import type { StreamTime } from '../../topology/StreamTime.ts';
import type { Sided, SidedValue } from './sided.ts';

export type Side = Sided['side'];
export const left = 1;
export const right = 0;

/** How long records wait, and what comes of those that met none. */
export interface Waiting {
  readonly afterMs: number;
  readonly beforeMs: number;
  readonly graceMs: number;
  readonly emitIntervalMs: number;
  readonly joinedWithNone: (side: Side, value: unknown, key: unknown) => unknown;
}

/**
 * What the last search came to: the lowest timestamp that waits (null: nothing did), and the
 * wall-clock time of the next.
 */
type Search = readonly [lowest: number | null, nextAt: number];
const firstSearch: Search = [null, 0];

/**
 * Records of a left or outer join that have met none so far, in order of time, side (right first)
 * and key. They come out when stream time is past their window and grace. Semantics: Kafka Streams'
 * outer-join store, with its order and its instants of emission, but kept across restarts.
 */
export class UnmatchedRecords {
  readonly #node: NodeContext;
  readonly #rows: RowStore<Sided, SidedValue>;
  readonly #search: RowStore<string, Search>;
  readonly #time: StreamTime;
  readonly #waiting: Waiting;

  constructor(node: NodeContext, time: StreamTime, waiting: Waiting) {
    this.#node = node;
    this.#rows = node.store('unmatched');
    this.#search = node.store('search');
    this.#time = time;
    this.#waiting = waiting;
  }

  /**
   * `place` is the record's among those of its key and time. Where the window is too short to keep
   * any, none knows of those before it: then it takes the next that is free.
   */
  put(side: Side, record: AnyRecord, place: number): void {
    const { key, value, timestamp } = record;
    const sided = { side, key };
    let sequence = place;
    while (this.#rows.get(sided, timestamp, sequence) !== undefined) sequence += 1;
    this.#rows.put(sided, timestamp, sequence, { side, value }, timestamp);
    const [lowest, nextAt] = this.#lastSearch;
    if (lowest === null || timestamp < lowest) this.#note([timestamp, nextAt]);
  }

  /** The record that came in by `side` then has met another. */
  matched(side: Side, key: unknown, timestamp: number, sequence: number): void {
    const place = { side, key };
    if (this.#rows.get(place, timestamp, sequence) === undefined) return;
    this.#rows.delete(place, timestamp, sequence);
  }

  /** Emits what has waited long enough; `side` is that of the record that caused the search. */
  emitDue(side: Side, cause: AnyRecord): void {
    const { graceMs, emitIntervalMs } = this.#waiting;
    const [lowest, nextAt] = this.#lastSearch;
    const waitsMs = (side === left ? this.#waiting.afterMs : this.#waiting.beforeMs) + graceMs;
    // Where nothing waits Kafka Streams searches all the same, and that uses up an interval; not so
    // where the wait is 0: its lowest of none is the highest number, to which it adds the wait.
    if (lowest === null ? waitsMs <= 0 : lowest + waitsMs >= this.#time.time) return;
    const now = emitIntervalMs === 0 ? 0 : this.#node.wallClock();
    if (now < nextAt) return;
    this.#note([this.#emitClosed(cause), emitIntervalMs === 0 ? 0 : now + emitIntervalMs]);
  }

  /** The same when time moved by itself: looks at once, however long ago the last search was. */
  emitDueAt(cause: AnyRecord): void {
    this.#note([this.#emitClosed(cause), this.#lastSearch[1]]);
  }

  /** Answers the timestamp the search came to. */
  #emitClosed(cause: AnyRecord): number | null {
    let lowest: number | null = null;
    let leftOpen = false;
    let rightOpen = false;
    const due: { key: Sided; major: number; minor: number; value: unknown }[] = [];
    for (const row of this.#rows.byTime(0, this.#time.time)) {
      lowest = row.major;
      if (leftOpen && rightOpen) break;
      const { side } = row.key;
      if (this.#closesAt(side, row.major) >= this.#time.time) {
        if (side === left) leftOpen = true;
        else rightOpen = true;
      } else {
        due.push({ key: row.key, major: row.major, minor: row.minor, value: row.value.value });
      }
    }
    for (const { key: place, major, minor, value } of due) {
      this.#rows.delete(place, major, minor);
      const result = this.#waiting.joinedWithNone(place.side, value, place.key);
      this.#node.emit(streamRecord(place.key, result, major, cause.headers, cause[origin]));
    }
    return lowest;
  }

  /** When the last that waits is due; -1: nothing waits. */
  latestDue(): number {
    let due = -1;
    let sides = 0;
    for (const { key, major } of this.#rows.byTime(0, Number.MAX_SAFE_INTEGER, { reverse: true })) {
      due = Math.max(due, this.#closesAt(key.side, major) + 1);
      sides |= key.side === left ? 1 : 2;
      if (sides === 3) break;
    }
    return due;
  }

  #closesAt(side: Side, timestamp: number): number {
    const { afterMs, beforeMs, graceMs } = this.#waiting;
    return timestamp + (side === left ? afterMs : beforeMs) + graceMs;
  }

  get #lastSearch(): Search {
    return this.#search.get('search', 0, 0)?.value ?? firstSearch;
  }

  #note(search: Search): void {
    const [lowest, nextAt] = this.#lastSearch;
    if (search[0] === lowest && search[1] === nextAt) return;
    this.#search.put('search', 0, 0, search, 0);
  }
}
