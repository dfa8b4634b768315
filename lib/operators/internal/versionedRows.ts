import { type AnyRecord, origin } from '../../model/record.ts';
import type { Serde } from '../../serde/Serde.ts';
import type { Row, RowStore } from '../../state/RowStore.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import type { StreamTime } from '../../topology/StreamTime.ts';
import type { Turn, Undoable } from '../../topology/Turn.ts';
import type { TableRows } from './tableRows.ts';

/** What a version holds that ends a row: a store's values are never null. */
const ended: unique symbol = Symbol('ended');
type Version<V> = V | typeof ended;

/** A version's bytes: 1 and the value, or 0 where the row ends. */
export function versionedValue<V>(value: Serde<V>): Serde<Version<V>> {
  return {
    name: `versioned(${value.name ?? 'custom'})`,
    encode(version) {
      if (version === ended) return new Uint8Array(1);
      const bytes = value.encode(version);
      const out = new Uint8Array(bytes.length + 1);
      out[0] = 1;
      out.set(bytes, 1);
      return out;
    },
    decode: (bytes) => (bytes[0] === 0 ? ended : value.decode(bytes.subarray(1))),
  };
}

/**
 * Rows with their history: a version is valid from its timestamp until the next one's. What ended more than
 * `retentionMs` before stream time is forgotten; older rows are refused. Semantics: Kafka Streams' versioned
 * key-value store, whose latest version can be read however old it is.
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
    return present(this.#versionAt(key, Number.MAX_SAFE_INTEGER));
  }

  getAsOf(key: unknown, asOf: number): Row<unknown> | undefined {
    const version = this.#versionAt(key, asOf);
    if (version === undefined || asOf >= this.#horizon) return present(version);
    return this.latestTime(key) === version.timestamp ? present(version) : undefined;
  }

  latestTime(key: unknown): number | undefined {
    return this.#versionAt(key, Number.MAX_SAFE_INTEGER)?.timestamp;
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

  #versionAt(key: unknown, asOf: number): Row<Version<unknown>> | undefined {
    for (const version of this.#rows.ofKey(key, 0, asOf, { reverse: true })) return version;
    return undefined;
  }

  /** Each version is looked at once when it leaves the history: then those before it are of no use. */
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

function present(version: Row<Version<unknown>> | undefined): Row<unknown> | undefined {
  return version === undefined || version.value === ended ? undefined : version;
}
