import type { AnyRecord } from '../../model/record.ts';
import { origin, tableChange } from '../../model/record.ts';
import type { AnyStore } from '../../serde/handles.ts';
import type { Serde } from '../../serde/Serde.ts';
import type { RowStore } from '../../state/RowStore.ts';
import { versionedValue } from '../../state/versionedState.ts';
import type { NodeContext, TableView } from '../../topology/NodeContext.ts';
import { type StoreSpec, storeSpec } from '../../topology/NodeSpec.ts';
import { ChangeCounter } from './guards.ts';
import { versionedRows } from './versionedRows.ts';

/**
 * A table's rows in a store: takes a row, tells what was there before, and shows them to those
 * behind.
 */
export interface TableRows {
  /** The row before (null: none); undefined: too old for the history kept, nothing was written. */
  put(record: AnyRecord, value: unknown, timestamp: number): unknown;
  readonly view: TableView<unknown, unknown>;
}

/** The store under `role`, as a table's. `kind` is the handle's. */
export function tableRows(
  node: NodeContext,
  kind: StoreSpec['kind'],
  o: TableRowsOptions = {},
): TableRows {
  const role = o.role ?? 'rows';
  return kind === 'versioned'
    ? versionedRows(node, role, o.retentionMs ?? 0)
    : latestRows(node.store(role), o.unnamed ?? false);
}

export interface TableRowsOptions {
  readonly role?: string;
  /** Kafka Streams would keep no rows here until somebody needs them. */
  readonly unnamed?: boolean;
  readonly retentionMs?: number | undefined;
}

function latestRows(rows: RowStore<unknown, unknown>, unnamed: boolean): TableRows {
  let keeps = !unnamed;
  return {
    put({ key }, value, timestamp) {
      const before = rows.get(key, 0, 0);
      if (value === null) {
        if (before !== undefined) rows.delete(key, 0, 0);
      } else {
        rows.put(key, 0, 0, value, timestamp);
      }
      return before === undefined ? null : before.value;
    },
    view: {
      get: (key) => rows.get(key, 0, 0),
      keep() {
        keeps = true;
      },
      tellsPrevious(must) {
        keeps ||= must;
        return keeps;
      },
    },
  };
}

/** The spec of a table's store. */
export function tableStoreSpec(handle: AnyStore, o: Partial<StoreSpec> = {}): StoreSpec {
  return handle.kind === 'versioned'
    ? storeSpec(handle, { ...o, value: versionedValue(handle.value as Serde<unknown>) })
    : storeSpec(handle, o);
}

/** Makes the changes a table emits, numbered. */
export function changes(
  node: NodeContext,
): (
  cause: AnyRecord,
  key: unknown,
  value: unknown,
  previous: unknown,
  timestamp: number,
) => AnyRecord {
  const counter = new ChangeCounter(node.turn);
  return (cause, key, value, previous, timestamp) =>
    tableChange(key, value, previous, timestamp, cause.headers, cause[origin], counter.next());
}
