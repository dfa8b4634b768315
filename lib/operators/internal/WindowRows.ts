import { endOfTime } from '../../model/windows/TimeWindows.ts';
import type { PlacedRow, Row, RowStore, StoreCell } from '../../state/RowStore.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import type { StreamTime } from '../../topology/StreamTime.ts';
import type { Undoable } from '../../topology/Turn.ts';
import type { AggregationParts } from './aggregation.ts';

const none: readonly PlacedRow<unknown, unknown>[] = [];

/**
 * The rows of windows or sessions, kept as long as their retention says, and handed out once when
 * they close. A row's `major` is its window's start, or its session's end.
 *
 * Rows expire by the newest row, as in Kafka Streams' stores, but never ahead of stream time:
 * behind a repartition that is the slowest upstream task's.
 */
export class WindowRows implements Undoable {
  readonly #rows: RowStore<unknown, unknown>;
  /** One for each input: as in Kafka Streams, one that is ahead makes nothing of another late. */
  readonly #times: readonly StreamTime[];
  readonly #node: NodeContext;
  readonly #retentionMs: number;
  /** From a row's major to the stream time at which it is closed. */
  readonly #closesAfterMs: number;
  readonly #holdsBack: boolean;
  /** The highest `major` ever put, that of rows which are gone included. */
  readonly #newest: StoreCell;
  #expiredTo = 0;
  readonly #emitIntervalMs: number;
  /** Stream time at the last look for closed windows, and the wall-clock time of the next. */
  readonly #lastLook: StoreCell;
  readonly #startedAt: number;

  constructor(parts: AggregationParts, closesAfterMs: number) {
    const { node, retentionMs, inputs, emission, emitIntervalMs } = parts;
    this.#rows = node.store('rows');
    this.#newest = this.#rows.cell('newest');
    this.#times = inputs.map((_, input) => node.streamTime('rows', input));
    this.#node = node;
    this.#retentionMs = retentionMs;
    this.#closesAfterMs = closesAfterMs;
    this.#holdsBack = emission.holdsBack;
    this.#emitIntervalMs = emitIntervalMs;
    this.#lastLook = this.#rows.cell('last look');
    this.#startedAt = this.time;
  }

  /** Time that all inputs have reached: what closes by it is closed for all. */
  get time(): number {
    const times = this.#times;
    let { time } = times[0] as StreamTime;
    for (let i = 1; i < times.length; i++) time = Math.min(time, (times[i] as StreamTime).time);
    return time;
  }

  timeOf(input: number): StreamTime {
    return this.#times[input] as StreamTime;
  }

  get(key: unknown, major: number, minor = 0): Row<unknown> | undefined {
    return major < this.#horizon ? undefined : this.#rows.get(key, major, minor);
  }

  /** Copied: rows may be written while they are looked at. */
  ofKey(key: unknown, from: number, to: number, reverse = false): PlacedRow<unknown, unknown>[] {
    return [...this.#rows.ofKey(key, Math.max(0, from, this.#horizon), to, { reverse })];
  }

  /** Null deletes. A row that is past its retention when it comes does not stay. */
  put(key: unknown, major: number, minor: number, value: unknown, timestamp: number): void {
    if (major > this.#newestMajor) this.#newest.set([major]);
    else if (major < this.#horizon) return;
    if (value === null) this.#rows.delete(key, major, minor);
    else this.#rows.put(key, major, minor, value, timestamp);
  }

  delete(key: unknown, major: number, minor: number): void {
    this.#rows.delete(key, major, minor);
  }

  /** Deletes what is past its retention. */
  expire(): void {
    const before = this.#horizon;
    if (before <= this.#expiredTo) return;
    this.#node.turn.remember(this, 0, this.#expiredTo);
    this.#expiredTo = before;
    this.#rows.expire(before);
  }

  /**
   * The rows whose windows stream time has closed since the last look, oldest first. A record looks
   * once in an interval only.
   */
  closedByRecord(): readonly PlacedRow<unknown, unknown>[] {
    if (!this.#holdsBack || this.#emitIntervalMs === 0) return this.closed();
    const now = this.#node.wallClock();
    if (now < (this.#lastLook.get()?.[1] ?? 0)) return none;
    this.#lastLook.set([this.#closedTo, now + this.#emitIntervalMs]);
    return this.closed();
  }

  /** The same, however long ago the last look was. */
  closed(): readonly PlacedRow<unknown, unknown>[] {
    // Nobody waits for them.
    if (!this.#holdsBack) return none;
    const before = this.#closedTo;
    const now = this.time;
    if (now <= before) return none;
    const from = Math.max(0, before - this.#closesAfterMs + 1);
    const to = now - this.#closesAfterMs;
    this.#lastLook.set([now, this.#lastLook.get()?.[1] ?? 0]);
    return to < from ? none : [...this.#rows.byTime(from, to)];
  }

  /**
   * Stream time at which the last of the windows closes that are still open; -1: all are closed.
   */
  get latestDue(): number {
    const due = this.#newestStored() + this.#closesAfterMs;
    return due <= this.#closedTo || due >= endOfTime ? -1 : due;
  }

  undo(_slot: number, before: number): void {
    this.#expiredTo = before;
  }

  get #closedTo(): number {
    return this.#lastLook.get()?.[0] ?? this.#startedAt;
  }

  get #newestMajor(): number {
    return this.#newest.get()?.[0] ?? -1;
  }

  /** Rows before this are gone. */
  get #horizon(): number {
    const times = this.#times;
    let time = -1;
    for (let i = 0; i < times.length; i++) time = Math.max(time, (times[i] as StreamTime).time);
    const horizon = Math.min(this.#newestMajor, time) - this.#retentionMs + 1;
    // What waits for its window to close is never gone before.
    return this.#holdsBack ? Math.min(horizon, this.#closedTo - this.#closesAfterMs + 1) : horizon;
  }

  #newestStored(): number {
    for (const { major } of this.#rows.byTime(0, Number.MAX_SAFE_INTEGER, { reverse: true })) {
      return major;
    }
    return -1;
  }
}
