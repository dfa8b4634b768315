import { type AnyRecord, origin } from '../../model/record.ts';
import type { Row, RowStore } from '../../state/RowStore.ts';
import { ended, rowOf, type Version, versionAt } from '../../state/versionedState.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import type { StreamTime } from '../../topology/StreamTime.ts';
import type { Turn, Undoable } from '../../topology/Turn.ts';
import type { TableRows } from './tableRows.ts';

const latest = Number.MAX_SAFE_INTEGER;

/**
 * Rows with their history: a version is valid from its timestamp until the next one's. What ended
 * more than `retentionMs` before stream time is forgotten; older rows are refused. Semantics: Kafka
 * Streams' versioned key-value store, whose latest version can be read however old it is.
 */
export class VersionedRows implements Undoable {
  readonly #rows: RowStore<unknown, Version<unknown>>;
  readonly #streamTime: StreamTime;
  readonly #retentionMs: number;
  readonly #turn: Turn;
  /** Versions from before this have been looked at: all older ones of their keys are gone. */
  #sweptTo = 0;

  constructor(node: NodeContext, role: string, retentionMs: number) {
    this.#rows = node.store(role);
    this.#streamTime = node.streamTime(role);
    this.#retentionMs = retentionMs;
    this.#turn = node.turn;
  }

  get(key: unknown): Row<unknown> | undefined {
    return rowOf(versionAt(this.#rows, key, latest));
  }

  getAsOf(key: unknown, asOf: number): Row<unknown> | undefined {
    const version = versionAt(this.#rows, key, asOf);
    if (version === undefined || asOf >= this.#horizon) return rowOf(version);
    return this.latestTime(key) === version.timestamp ? rowOf(version) : undefined;
  }

  latestTime(key: unknown): number | undefined {
    return versionAt(this.#rows, key, latest)?.timestamp;
  }

  /** False: older than the history kept. */
  put(key: unknown, value: unknown, timestamp: number, lane: number): boolean {
    this.#streamTime.advance(lane, timestamp);
    if (timestamp < this.#horizon) return false;
    this.#rows.put(key, timestamp, 0, value === null ? ended : value, timestamp);
    this.#sweep();
    return true;
  }

  undo(_slot: number, before: number): void {
    this.#sweptTo = before;
  }

  get #horizon(): number {
    return this.#streamTime.time - this.#retentionMs;
  }

  /**
   * Each version is looked at once when it leaves the history: then those before it are of no use.
   */
  #sweep(): void {
    const horizon = this.#horizon;
    if (horizon <= this.#sweptTo) return;
    const passed = [...this.#rows.byTime(this.#sweptTo, horizon - 1)];
    for (const { key, major, value } of passed) {
      const older = [...this.#rows.ofKey(key, 0, major - 1)];
      for (const version of older) this.#rows.delete(key, version.major, 0);
      if (value === ended) this.#rows.delete(key, major, 0);
    }
    this.#turn.remember(this, 0, this.#sweptTo);
    this.#sweptTo = horizon;
  }
}

/** A versioned store as a table's. */
export function versionedRows(node: NodeContext, role: string, retentionMs: number): TableRows {
  const rows = new VersionedRows(node, role, retentionMs);
  return {
    put(record: AnyRecord, value, timestamp) {
      const before = rows.get(record.key);
      const written = rows.put(record.key, value, timestamp, record[origin].lane);
      return written ? (before?.value ?? null) : undefined;
    },
    view: {
      get: (key) => rows.get(key),
      getAsOf: (key, asOf) => rows.getAsOf(key, asOf),
      latestTime: (key) => rows.latestTime(key),
    },
  };
}
