import type { AnyRecord } from '../../model/record.ts';
import type { AnyStore } from '../../serde/handles.ts';
import { json } from '../../serde/json.ts';
import type { Row, RowStore } from '../../state/RowStore.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import { type StoreSpec, storeSpec } from '../../topology/NodeSpec.ts';
import type { StreamTime } from '../../topology/StreamTime.ts';

const forever = Number.MAX_SAFE_INTEGER;

/** The stores of rows that may have a time to live: the rows, and what is oldest among them. */
export function lastingStores(handle: AnyStore): readonly StoreSpec[] {
  const rows = storeSpec(handle, { timeIndex: false });
  if (handle.ttlMs === undefined) return [rows];
  const ages: StoreSpec = {
    role: 'ages',
    name: `${handle.store}-ages`,
    kind: 'buffer',
    key: handle.key,
    value: json(),
    timeIndex: true,
    changelog: 'none',
  };
  return [rows, ages];
}

/**
 * Rows by key and a number (0 where there is one row a key) that are deleted when stream time is
 * `ttlMs` past their time. Their ages are an index in memory, made anew from the rows after a
 * restart.
 */
export class LastingRows {
  readonly #rows: RowStore<unknown, unknown>;
  readonly #ages: RowStore<unknown, true> | null;
  readonly #time: StreamTime | null;
  readonly #ttlMs: number;
  #isIndexed = false;

  constructor(node: NodeContext, { ttlMs }: { readonly ttlMs?: number | undefined }) {
    this.#rows = node.store('rows');
    this.#ages = ttlMs === undefined ? null : node.store('ages');
    this.#time = ttlMs === undefined ? null : node.streamTime('rows');
    this.#ttlMs = ttlMs ?? forever;
  }

  /** The record's time counts; what has grown too old goes, and is told. */
  observe(record: AnyRecord, onGone?: (key: unknown, row: Row<unknown>) => void): void {
    if (this.#ages === null || this.#time === null) return;
    if (!this.#isIndexed) this.#index(this.#ages);
    this.#time.observe(record);
    const last = this.#time.time - this.#ttlMs;
    if (last < 0) return;
    for (const { key, major, minor } of [...this.#ages.byTime(0, last)]) {
      const row = this.#rows.get(key, 0, minor);
      this.#ages.delete(key, major, minor);
      this.#rows.delete(key, 0, minor);
      if (row !== undefined) onGone?.(key, row);
    }
  }

  get(key: unknown, slot = 0): Row<unknown> | undefined {
    return this.#rows.get(key, 0, slot);
  }

  put(key: unknown, value: unknown, timestamp: number, slot = 0): void {
    if (this.#ages !== null) {
      const before = this.#rows.get(key, 0, slot);
      if (before !== undefined) this.#ages.delete(key, before.timestamp, slot);
      this.#ages.put(key, timestamp, slot, true, timestamp);
    }
    this.#rows.put(key, 0, slot, value, timestamp);
  }

  delete(key: unknown): void {
    const before = this.#rows.get(key, 0, 0);
    if (before === undefined) return;
    this.#ages?.delete(key, before.timestamp, 0);
    this.#rows.delete(key, 0, 0);
  }

  #index(ages: RowStore<unknown, true>): void {
    this.#isIndexed = true;
    if (ages.size > 0) return;
    for (const { key, minor, timestamp } of this.#rows.range(null, null)) {
      ages.put(key, timestamp, minor, true, timestamp);
    }
  }
}
