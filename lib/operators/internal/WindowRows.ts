import type { PlacedRow, RowStore } from '../../state/RowStore.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import type { StreamTime } from '../../topology/StreamTime.ts';
import type { Undoable } from '../../topology/Turn.ts';

/**
 * The rows of windows or sessions, kept as long as their retention says, and handed out once when they close. A row's
 * `major` is its window's start, or its session's end.
 *
 * Rows expire by the newest row, as in Kafka Streams' stores, but never ahead of stream time: behind a repartition that
 * is the slowest upstream task's.
 */
export class WindowRows implements Undoable {
  readonly rows: RowStore<unknown, unknown>;
  readonly time: StreamTime;
  readonly #node: NodeContext;
  readonly #retentionMs: number;
  /** From a row's major to the stream time at which it is closed. */
  readonly #closesAfterMs: number;
  /** -2: not looked up yet. */
  #newest = -2;
  #expiredTo = 0;
  #closedTo: number;

  constructor(node: NodeContext, retentionMs: number, closesAfterMs: number) {
    this.rows = node.store('rows');
    this.time = node.streamTime('rows');
    this.#node = node;
    this.#retentionMs = retentionMs;
    this.#closesAfterMs = closesAfterMs;
    this.#closedTo = this.time.time;
  }

  get(key: unknown, major: number, minor = 0): ReturnType<RowStore<unknown, unknown>['get']> {
    return this.rows.get(key, major, minor);
  }

  /** Null deletes. */
  put(key: unknown, major: number, minor: number, value: unknown, timestamp: number): void {
    if (value === null) this.rows.delete(key, major, minor);
    else this.rows.put(key, major, minor, value, timestamp);
    if (major > this.#newest) {
      const newest = Math.max(major, this.#newest === -2 ? this.#newestStored() : -1);
      this.#node.turn.remember(this, 0, this.#newest);
      this.#newest = newest;
    }
  }

  /** Deletes what is past its retention. */
  expire(): void {
    const before = Math.min(this.#newest, this.time.time) - this.#retentionMs + 1;
    if (before <= this.#expiredTo) return;
    this.#expiredTo = before;
    this.rows.expire(before);
  }

  /** The rows whose windows stream time has closed since the last call, oldest first. */
  closed(): readonly PlacedRow<unknown, unknown>[] {
    const now = this.time.time;
    if (now <= this.#closedTo) return [];
    const from = Math.max(0, this.#closedTo - this.#closesAfterMs + 1);
    const to = now - this.#closesAfterMs;
    this.#node.turn.remember(this, 1, this.#closedTo);
    this.#closedTo = now;
    return to < from ? [] : [...this.rows.byTime(from, to)];
  }

  undo(slot: number, before: number): void {
    if (slot === 0) this.#newest = before;
    else this.#closedTo = before;
    this.#expiredTo = 0;
  }

  #newestStored(): number {
    for (const { major } of this.rows.byTime(0, Number.MAX_SAFE_INTEGER, { reverse: true })) {
      return major;
    }
    return -1;
  }
}
