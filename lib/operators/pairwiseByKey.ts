import type { OperatorFunction } from 'rxjs';
import { type AnyRecord, type KRecord, withValue } from '../model/record.ts';
import type { KeyValueStore } from '../serde/handles.ts';
import { checkKey } from './internal/guards.ts';
import { LastingRows, lastingStores } from './internal/LastingRows.ts';
import { partitioned, statefulOperator } from './internal/operator.ts';

/**
 * RxJS's `pairwise`, for each key, and it survives a restart: each value with the one before it.
 *
 *   prices          a1  b5  a2      a4
 *   pairwiseByKey           a[1,2]  a[2,4]
 *
 * Partitions: reads by key. Store: the last value of each key; with `ttlMs` a key that was quiet
 * for so long begins again. Emits: one record for each but a key's first, with its timestamp and
 * headers. Null: null keys and null values are dropped and counted.
 *
 * @example
 * import {
 *   keyValueStore, mapValues, number, pairwiseByKey, stream, to, topic, topology,
 * } from 'rxkstreams';
 *
 * const moves = topology(() => {
 *   stream(topic('prices', number())).pipe(
 *     pairwiseByKey(keyValueStore('last-prices', number())),
 *     mapValues(([before, now]) => now - before),
 *     to(topic('moves', number())),
 *   );
 * });
 * moves.describe().includes('stores: [last-prices]'); // => true
 *
 * @param store Keeps the last values.
 * @see scanByKey
 */
export function pairwiseByKey<K, V>(
  store: KeyValueStore<K, V>,
): OperatorFunction<KRecord<K, V>, KRecord<K, readonly [before: V, now: V]>> {
  return statefulOperator(
    {
      kind: 'pairwiseByKey',
      describedAs: 'KSTREAM-PAIRWISE',
      name: store.store,
      accepts: [partitioned],
      stores: () => lastingStores(store),
    },
    [],
    (node) => {
      const rows = new LastingRows(node, store);
      const take = (record: AnyRecord): void => {
        const { key, value, timestamp } = record;
        if (key === null || value === null) {
          node.drop(record, key === null ? 'null key' : 'null value');
          return;
        }
        checkKey(node, record);
        rows.observe(record);
        const row = rows.get(key);
        rows.put(key, value, Math.max(timestamp, row?.timestamp ?? timestamp));
        if (row !== undefined) node.emit(withValue(record, [row.value, value]));
      };
      return { inputs: [take] };
    },
  );
}
