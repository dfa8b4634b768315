import type { OperatorFunction } from 'rxjs';
import type { AnyRecord, Change, KRecord } from '../model/record.ts';
import type { KeyValueStore, VersionedStore } from '../serde/handles.ts';
import { checkKey } from './internal/guards.ts';
import { partitioned, statefulOperator } from './internal/operator.ts';
import { changes, tableRows, tableStoreSpec } from './internal/tableRows.ts';

/**
 * A stream's records as a table: the latest value of each key.
 *
 *   stream    a1   a2     a~
 *   toTable   +a1  a1→a2  a2→
 *
 * Partitions: reads by key. Store: the rows, with a changelog named after it. Emits: one change per
 * record, also when the value is the same. Null: a null value deletes; records with a null key are
 * dropped and counted.
 *
 * A record older than its row still replaces it; in a versioned store it goes into the history.
 *
 * @example
 * import { keyValueStore, stream, string, topic, topology, toTable } from 'rxkstreams';
 *
 * const kept = topology(() => {
 *   stream(topic('names', string())).pipe(toTable(keyValueStore('names-by-id', string())));
 * });
 * kept.describe().includes('names-by-id'); // => true
 *
 * @param store Keeps the rows.
 * @see table, toStream
 */
export function toTable<K, V>(
  store: KeyValueStore<K, V> | VersionedStore<K, V>,
): OperatorFunction<KRecord<K, V | null>, Change<K, V | null>> {
  return statefulOperator(
    {
      kind: 'toTable',
      describedAs: 'KSTREAM-TOTABLE',
      name: store.store,
      accepts: [partitioned],
      produces: ['table'],
      stores: () => [tableStoreSpec(store)],
      lineage: () => ({ store: store.store, key: store.key, value: store.value }),
    },
    [],
    (node) => {
      const rows = tableRows(node, store.kind, { retentionMs: store.retentionMs });
      const change = changes(node);
      const take = (record: AnyRecord): void => {
        const { key, value, timestamp } = record;
        if (key === null) {
          node.drop(record, 'null key');
          return;
        }
        checkKey(node, record);
        const previous = rows.put(record, value, timestamp);
        if (previous === undefined) node.drop(record, 'late');
        else node.emit(change(record, key, value, previous, timestamp));
      };
      return { inputs: [take], view: rows.view };
    },
  );
}
