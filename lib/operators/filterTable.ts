import type { OperatorFunction } from 'rxjs';
import type { AnyRecord, Change } from '../model/record.ts';
import type { AnyStore, KeyValueStore } from '../serde/handles.ts';
import type { Kernel, NodeContext } from '../topology/NodeContext.ts';
import { derivedView } from './internal/derivedView.ts';
import { ChangeGuard } from './internal/guards.ts';
import { statefulOperator, table } from './internal/operator.ts';
import { changes, tableRows, tableStoreSpec } from './internal/tableRows.ts';

export interface FilterTableOptions<K, V> {
  /**
   * Keeps the rows that pass, to query them; default: computed from the table whenever somebody
   * looks.
   */
  readonly store?: KeyValueStore<K, V>;
}

/**
 * The rows of a table that pass a test: a row that stops passing is deleted. RxJS's `filter` would
 * swallow that deletion.
 *
 *   customers                          a1   a7   a2   a~
 *   filterTable(value => value > 5)         +a7  a~
 *
 * Partitions: stays in its partition. Store: none, unless one is given. Emits: a change where a row
 * passes or has passed. Null: deletions are never shown to the test; they go through where the row
 * had passed. Of a `table` without a store, and unless something behind needs the row before, they
 * all go through, and rows that do not pass go through as deletions: as in Kafka Streams.
 *
 * @example
 * import { filterTable, json, table, to, topic, topology, toStream } from 'rxkstreams';
 *
 * const stock = topic('stock', json<number>());
 * const low = topology(() => {
 *   table(stock).pipe(
 *     filterTable((left) => left < 10),
 *     toStream(),
 *     to(topic('low-stock', json<number | null>())),
 *   );
 * });
 * low.describe().includes('KTABLE-FILTER'); // => true
 *
 * @param passes Sees the row's value, never null, and its key.
 * @see toStream
 */
export function filterTable<K, V, V2 extends NonNullable<V>>(
  passes: (value: NonNullable<NoInfer<V>>, key: NoInfer<K>) => value is V2,
  o?: FilterTableOptions<NoInfer<K>, NoInfer<V2>>,
): OperatorFunction<Change<K, V>, Change<K, V2 | null>>;
export function filterTable<K, V>(
  passes: (value: NonNullable<NoInfer<V>>, key: NoInfer<K>) => boolean,
  o?: FilterTableOptions<NoInfer<K>, NonNullable<NoInfer<V>>>,
): OperatorFunction<Change<K, V>, Change<K, NoInfer<V> | null>>;
export function filterTable(
  passes: unknown,
  o: { readonly store?: AnyStore } = {},
): OperatorFunction<never, unknown> {
  const { store } = o;
  const test = passes as (value: unknown, key: unknown) => boolean;
  const kept = (value: unknown, key: unknown): unknown =>
    value !== null && test(value, key) ? value : null;
  return statefulOperator(
    {
      kind: 'filterTable',
      describedAs: 'KTABLE-FILTER',
      name: store?.store ?? null,
      accepts: [table],
      produces: ['table'],
      stores: () => (store === undefined ? [] : [tableStoreSpec(store)]),
      lineage: ([first]) => ({
        store: store?.store ?? first?.store ?? null,
        key: store?.key ?? first?.key ?? null,
        value: store?.value ?? first?.value ?? null,
      }),
    },
    [],
    (node) => filterKernel(node, kept, store !== undefined),
  );
}

function filterKernel(
  node: NodeContext,
  kept: (value: unknown, key: unknown) => unknown,
  stored: boolean,
): Kernel {
  const input = node.table<unknown, unknown>(0);
  const guard = new ChangeGuard(node);
  const rows = stored ? tableRows(node, 'key-value') : null;
  const change = changes(node);
  // Out-of-order rows of a versioned table pass for the history's sake.
  const isVersioned = input.latestTime !== undefined;
  let isTold = input.tellsPrevious?.(false) ?? true;
  return {
    view: {
      ...(rows?.view ?? derivedView(input, kept)),
      tellsPrevious(must) {
        isTold ||= stored || (input.tellsPrevious?.(must) ?? true);
        return isTold;
      },
    },
    inputs: [
      (record: AnyRecord) => {
        guard.check(record);
        const { key, timestamp } = record;
        const value = kept(record.value, key);
        const previous =
          rows === null ? kept(record.previous, key) : (rows.view.get(key)?.value ?? null);
        if (value === null && previous === null && isTold && !isVersioned) return;
        rows?.put(record, value, timestamp);
        node.emit(change(record, key, value, previous, timestamp));
      },
    ],
  };
}
