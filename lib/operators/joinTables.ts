import type { Observable } from 'rxjs';
import { TopologyError } from '../errors.ts';
import type { AnyRecord, Change, KTable } from '../model/record.ts';
import type { Row } from '../state/RowStore.ts';
import type { Kernel, NodeContext, TableView } from '../topology/NodeContext.ts';
import { ChangeGuard } from './internal/guards.ts';
import type { TableJoinOptions } from './internal/joins.ts';
import { statefulNode, table } from './internal/operator.ts';
import { changes, tableRows, tableStoreSpec } from './internal/tableRows.ts';

/** Tables of one key, by the names under which the joiner sees their rows. */
// biome-ignore lint/suspicious/noExplicitAny: each table has its own values
export type Tables<K> = Readonly<Record<string, KTable<K, any>>>;

type ValueOf<T> = T extends Observable<Change<infer _K, infer V>> ? NonNullable<V> : never;

/** A row of each table; null only of those that are optional. */
export type JoinedRows<T, O extends keyof T> = {
  readonly [P in keyof T]: ValueOf<T[P]> | (P extends O ? null : never);
};

export interface JoinTablesOptions<K, R, O extends string> extends Partial<TableJoinOptions<K, R>> {
  /** Tables whose rows may be missing; the joiner then sees null. Default: none. */
  readonly optional?: readonly O[];
}

/**
 * Joins any number of tables by their key at once. One node, and no result in between as a chain of
 * joins has.
 *
 *   orders     +a              a1→a2
 *   payments        +a
 *   parcels              +a              a→
 *   joined               a     a1→a2     a→
 *
 * Partitions: all must have equally many. Store: none, unless one is given. Emits: one change for
 * each change of a table, at the latest timestamp of the rows joined. Null: without a row of a
 * table that is not optional there is no result; when all are optional, one row is enough.
 *
 * @example
 * import { joinTables, json, table, to, topic, topology, toStream } from 'rxkstreams';
 *
 * const orders = topic('orders', json<{ cents: number }>());
 * const payments = topic('payments', json<{ cents: number }>());
 * const parcels = topic('parcels', json<{ carrier: string }>());
 * const states = topic('states', json<string | null>());
 * const app = topology(() => {
 *   joinTables(
 *     { order: table(orders), payment: table(payments), parcel: table(parcels) },
 *     ({ order, payment, parcel }) => {
 *       if (payment.cents < order.cents) return 'unpaid';
 *       return parcel === null ? 'paid' : `with ${parcel.carrier}`;
 *     },
 *     { optional: ['parcel'] },
 *   ).pipe(toStream(), to(states));
 * });
 * app.describe().includes('KTABLE-JOIN'); // => true
 *
 * @param tables By the names under which the joiner sees their rows.
 * @param joiner Sees one row of each, and the key.
 * @see join, outerJoin
 */
export function joinTables<K, T extends Tables<K>, R, O extends keyof T & string = never>(
  tables: T & Tables<K>,
  joiner: (rows: JoinedRows<T, O>, key: K) => R,
  o: JoinTablesOptions<NoInfer<K>, NonNullable<R>, O> = {},
): KTable<K, R | null> {
  const names = Object.keys(tables);
  if (names.length === 0) {
    throw new TopologyError(
      'TOPOLOGY_INVALID',
      'joinTables({}) joins nothing: give it a table or more.',
    );
  }
  const { store } = o;
  const parts: Parts = {
    names,
    required: names.map((name) => o.optional?.includes(name as O) !== true),
    joiner: joiner as Parts['joiner'],
    stored: store !== undefined,
  };
  const [joined] = statefulNode<unknown>(
    {
      kind: 'joinTables',
      describedAs: 'KTABLE-JOIN',
      name: store?.store ?? null,
      accepts: names.map(() => table),
      produces: ['table'],
      copartitioned: names.length > 1,
      stores: () => (store === undefined ? [] : [tableStoreSpec(store)]),
      lineage: (inputs) => ({
        store: store?.store ?? inputs.find((input) => input.store !== null)?.store ?? null,
        key: store?.key ?? inputs.find((input) => input.key !== null)?.key ?? null,
        value: store?.value ?? null,
      }),
    },
    names.map((name) => tables[name] as Observable<unknown>),
    (node) => kernelOf(node, parts),
  );
  return joined as Observable<never>;
}

interface Parts {
  readonly names: readonly string[];
  readonly required: readonly boolean[];
  readonly joiner: (rows: Readonly<Record<string, unknown>>, key: unknown) => unknown;
  readonly stored: boolean;
}

/** Looks into all tables but the one that changed, whose row before and after it is told. */
function kernelOf(node: NodeContext, parts: Parts): Kernel {
  const { names, required, joiner } = parts;
  const views = names.map((_, input): TableView<unknown, unknown> => node.table(input));
  for (const view of views) view.tellsPrevious?.(true);
  const rows = parts.stored ? tableRows(node, 'key-value') : null;
  const change = changes(node);

  const joined = (found: readonly (Row<unknown> | undefined)[], key: unknown): unknown => {
    const values: Record<string, unknown> = {};
    let isAny = false;
    for (const [i, name] of names.entries()) {
      const value = found[i]?.value ?? null;
      if (value === null && required[i]) return null;
      if (value !== null) isAny = true;
      values[name] = value;
    }
    return isAny ? (joiner(values, key) ?? null) : null;
  };

  const taking = (input: number): ((record: AnyRecord) => void) => {
    const guard = new ChangeGuard(node);
    const view = views[input] as TableView<unknown, unknown>;
    return (record) => {
      guard.check(record);
      const { key, value, previous, timestamp } = record;
      if (key === null) return node.drop(record, 'null key');
      if ((view.latestTime?.(key) ?? timestamp) > timestamp) return node.drop(record, 'late');
      const now = views.map((other, i) => (i === input ? rowOf(value, timestamp) : other.get(key)));
      const isMissing = now.some((row, i) => i !== input && required[i] && row === undefined);
      if (isMissing || (value === null && previous === null)) return;
      const at = now.reduce((latest, row) => Math.max(latest, row?.timestamp ?? -1), timestamp);
      const after = joined(now, key);
      const before = now.with(input, rowOf(previous, timestamp));
      const was = rows === null ? joined(before, key) : rows.put(record, after, at);
      node.emit(change(record, key, after, was, at));
    };
  };

  return {
    inputs: names.map((_, input) => taking(input)),
    view: rows?.view ?? {
      get(key) {
        const found = views.map((view) => view.get(key));
        const value = joined(found, key);
        const timestamp = found.reduce((latest, row) => Math.max(latest, row?.timestamp ?? -1), -1);
        return value === null ? undefined : { value, timestamp };
      },
    },
  };
}

function rowOf(value: unknown, timestamp: number): Row<unknown> | undefined {
  return value === null ? undefined : { value, timestamp };
}
