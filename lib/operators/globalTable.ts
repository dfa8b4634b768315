import type { Observable } from 'rxjs';
import type { GlobalKTable } from '../model/record.ts';
import { type KeyValueStore, keyValueStore, type Topic } from '../serde/handles.ts';
import { currentScope } from '../topology/scope.ts';
import { partitioned, statefulOperator } from './internal/operator.ts';
import { changes, tableRows, tableStoreSpec } from './internal/tableRows.ts';
import type { StreamOptions } from './stream.ts';

export interface GlobalTableOptions<K, V> extends StreamOptions {
  /** Where the rows are kept, to query them; default: a store named after the topic. */
  readonly store?: KeyValueStore<K, V>;
}

/**
 * A topic as a table of which every task has all rows, whatever their partition. A stream can join
 * it by any key.
 *
 *   countries[0]   fi         se~
 *   countries[1]        se
 *   globalTable    +fi  +se   se→      in every task
 *
 * Partitions: all, in every instance; nothing needs to be copartitioned with it. Store: the rows;
 * the topic itself is their changelog. Emits: nothing by itself, and it moves no stream time. Null:
 * a null value deletes; records with a null key are dropped and counted.
 *
 * @example
 * import { globalTable, join, json, stream, string, to, topic, topology } from 'rxkstreams';
 *
 * const orders = topic('orders', json<{ country: string }>());
 * const countries = topic('countries', string());
 * const app = topology(() => {
 *   stream(orders).pipe(
 *     join(globalTable(countries), (order) => order.value.country, (_order, name) => name),
 *     to(topic('order-countries', string())),
 *   );
 * });
 * app.describe().includes('(topics: [countries])'); // => true
 *
 * @param topic What is read, and how.
 * @see table, join
 */
export function globalTable<K, V>(
  topic: Topic<K, V>,
  o: GlobalTableOptions<K, V> = {},
): GlobalKTable<K, V | null> {
  const records = currentScope().source({
    topics: [topic.topic],
    pattern: null,
    key: topic.key,
    value: topic.value,
    timestampOf: o.timestampOf ?? null,
    undecodable: o.undecodable ?? null,
    repartition: null,
  });
  const handle = o.store ?? keyValueStore(topic.topic, topic.value, { key: topic.key });
  const rowsOfTopic = statefulOperator<unknown, never>(
    {
      kind: 'globalTable',
      describedAs: 'KTABLE-SOURCE',
      name: handle.store,
      accepts: [partitioned],
      produces: ['global table'],
      stores: () => [tableStoreSpec(handle, { changelog: 'source' })],
      lineage: () => ({ store: handle.store, key: topic.key, value: topic.value }),
    },
    [],
    (node) => {
      const rows = tableRows(node, 'key-value');
      const change = changes(node);
      return {
        view: rows.view,
        inputs: [
          (record) => {
            const { key, value, timestamp } = record;
            if (key === null) {
              node.drop(record, 'null key');
              return;
            }
            const previous = rows.put(record, value, timestamp);
            node.emit(change(record, key, value, previous, timestamp));
          },
        ],
      };
    },
  );
  return rowsOfTopic(records as Observable<unknown>);
}
