import type { Observable } from 'rxjs';
import { checkPolicy } from '../model/ErrorPolicy.ts';
import type { KTable } from '../model/record.ts';
import {
  checkTopic,
  type KeyValueStore,
  keyValueStore,
  type Topic,
  type VersionedStore,
} from '../serde/handles.ts';
import { currentScope } from '../topology/scope.ts';
import { partitioned, statefulOperator } from './internal/operator.ts';
import { changes, tableRows, tableStoreSpec } from './internal/tableRows.ts';
import type { StreamOptions } from './stream.ts';

export interface TableOptions<K, V> extends StreamOptions {
  /**
   * Where the rows are kept, to query them or (a `versionedStore`) to keep their history; default:
   * a store named after the topic.
   */
  readonly store?: KeyValueStore<K, V> | VersionedStore<K, V>;
}

/**
 * A topic as a table: the latest value of each key.
 *
 *   customers  a1   b1   a2   b~        a value, then its changes; ~ deletes
 *   table      +a1  +b1  a1→a2  b1→     each change knows the row before
 *
 * Partitions: one task has the rows of one partition. Store: the rows; the topic itself is their
 * changelog, unless the store is versioned or `timestampOf` is given. Emits: one change per record,
 * also when the value is the same. Null: a null value deletes; records with a null key are dropped
 * and counted.
 *
 * A record older than its row still replaces it; in a versioned store it goes into the history.
 *
 * @example
 * import { json, table, to, topic, topology, toStream } from 'rxkstreams';
 *
 * const customers = topic('customers', json<{ name: string }>());
 * const copied = topology(() => {
 *   table(customers).pipe(
 *     toStream(),
 *     to(topic('customers-copy', json<{ name: string } | null>())),
 *   );
 * });
 * copied.describe().includes('(topics: [customers])'); // => true
 *
 * @param topic What is read, and how.
 * @see globalTable, toTable
 */
export function table<K, V>(topic: Topic<K, V>, o: TableOptions<K, V> = {}): KTable<K, V | null> {
  checkTopic('table', topic);
  checkPolicy('table: undecodable', o.undecodable);
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
  const replayable = handle.kind === 'key-value' && o.timestampOf === undefined;
  const rowsOfTopic = statefulOperator<unknown, never>(
    {
      kind: 'table',
      describedAs: 'KTABLE-SOURCE',
      name: handle.store,
      accepts: [partitioned],
      produces: ['table'],
      stores: () => [tableStoreSpec(handle, { changelog: replayable ? 'source' : 'topic' })],
      lineage: () => ({ store: handle.store, key: topic.key, value: topic.value }),
    },
    [],
    (node) => {
      const { retentionMs } = handle;
      const rows = tableRows(node, handle.kind, { retentionMs, unnamed: o.store === undefined });
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
            if (previous === undefined) node.drop(record, 'late');
            else node.emit(change(record, key, value, previous, timestamp));
          },
        ],
      };
    },
  );
  return rowsOfTopic(records as Observable<unknown>);
}
