import type { OperatorFunction } from 'rxjs';
import { type AnyRecord, type KRecord, type Plain, withValue } from '../model/record.ts';
import type { KeyValueStore } from '../serde/handles.ts';
import type { Kernel, NodeContext } from '../topology/NodeContext.ts';
import { derivedView } from './internal/derivedView.ts';
import { ChangeGuard } from './internal/guards.ts';
import { plain, statefulOperator, table } from './internal/operator.ts';
import { changes, tableRows, tableStoreSpec } from './internal/tableRows.ts';

/**
 * What a function sees of a value: of a table never null, as a deletion is forwarded without
 * asking.
 */
export type Seen<V, S> = S extends 'table' ? NonNullable<V> : V;
/** The null a table's values keep. */
export type Kept<V, S> = S extends 'table' ? Extract<V, null> : never;

export interface MapValuesOptions<K, R> {
  /**
   * Tables: keeps the new rows, to query them; default: computed from the table whenever somebody
   * looks.
   */
  readonly store?: KeyValueStore<K, R>;
}

/**
 * Makes another value of each. Of a stream: of each record; of a table: of both sides of each
 * change.
 *
 *   orders                   a1   b2   a3
 *   mapValues(v => v * 10)   a10  b20  a30
 *
 * Partitions: stays. Store: none, unless a table is given one. Emits: one record for each. Null: a
 * stream's null values are shown to the function; a table's deletions are forwarded without asking.
 *
 * @example
 * import { mapValues, number, stream, to, topic, topology } from 'rxkstreams';
 *
 * const doubled = topology(() => {
 *   stream(topic('in', number())).pipe(
 *     mapValues((value) => value * 2),
 *     to(topic('out', number())),
 *   );
 * });
 * doubled.describe().includes('KSTREAM-MAPVALUES'); // => true
 *
 * @param project Sees the value and its key, which it must not change. On tables it is called for
 * the row before too, so it must answer the same for the same.
 * @see selectKey, mapValuesAsync
 */
export function mapValues<K, V, S extends Plain | 'table', R>(
  project: (value: Seen<V, S>, key: K) => R,
  o: MapValuesOptions<K, R> = {},
): OperatorFunction<KRecord<K, V, S>, KRecord<K, R | Kept<V, S>, S>> {
  const { store } = o;
  const ofValue = project as (value: unknown, key: unknown) => unknown;
  return statefulOperator(
    {
      kind: 'mapValues',
      describedAs: 'KSTREAM-MAPVALUES',
      name: store?.store ?? null,
      accepts: [[...plain, ...table]],
      produces: [null],
      stores: () => (store === undefined ? [] : [tableStoreSpec(store)]),
      lineage: ([first]) => ({
        store: store?.store ?? first?.store ?? null,
        key: store?.key ?? first?.key ?? null,
        value: store?.value ?? null,
      }),
    },
    [],
    (node) => kernelOf(node, ofValue, store !== undefined),
  );
}

function kernelOf(
  node: NodeContext,
  project: (value: unknown, key: unknown) => unknown,
  stored: boolean,
): Kernel {
  const ofRow = (value: unknown, key: unknown): unknown =>
    value === null ? null : project(value, key);
  const stage = node.stageOf(0);
  const guard = new ChangeGuard(node);
  const rows = stored ? tableRows(node, 'key-value') : null;
  const change = changes(node);
  const ofChange = (record: AnyRecord): void => {
    guard.check(record);
    const { key, timestamp } = record;
    const value = ofRow(record.value, key);
    const previous =
      rows === null ? ofRow(record.previous, key) : rows.put(record, value, timestamp);
    node.emit(change(record, key, value, previous, timestamp));
  };
  const ofStream = (record: AnyRecord): void =>
    node.emit(withValue(record, project(record.value, record.key)));

  if (stage === 'table') {
    return { inputs: [ofChange], view: rows?.view ?? derivedView(node.table(0), ofRow) };
  }
  if (stage !== null) return { inputs: [ofStream] };
  return {
    inputs: [(record) => (record.previous === undefined ? ofStream(record) : ofChange(record))],
  };
}
