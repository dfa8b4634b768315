import type { OperatorFunction } from 'rxjs';
import { type KRecord, type Plain, type Rekeyed, withKey } from '../model/record.ts';
import { plain, statelessOperator } from './internal/operator.ts';

/**
 * Gives each record another key. It stays where it is, so what works by key needs a `repartition`
 * first: the types say so.
 *
 *   orders                       a1  b1
 *   selectKey(r => r.value...)   x1  y1      still in the partitions of a and b
 *
 * Partitions: stays, wrongly for its new key. Store: none. Emits: one record for each. Null: null
 * keys may come in and go out.
 *
 * @example
 * import {
 *   groupByKey, json, repartition, selectKey, stream, topic, topology, count, keyValueStore,
 *   number,
 * } from 'rxkstreams';
 *
 * const orders = topic('orders', json<{ customer: string }>());
 * const counted = topology(() => {
 *   stream(orders).pipe(
 *     selectKey((order) => order.value.customer),
 *     repartition('orders-by-customer'),
 *     groupByKey(),
 *     count(keyValueStore('orders-per-customer', number())),
 *   );
 * });
 * counted.describe().includes('KSTREAM-KEY-SELECT'); // => true
 *
 * @param select Sees the whole record; answers the new key.
 * @see repartitionBy, which does both at once
 */
export function selectKey<K, V, K2>(
  select: (record: KRecord<K, V, Plain>) => K2,
): OperatorFunction<KRecord<K, V, Plain>, KRecord<K2, V, Rekeyed>> {
  return statelessOperator(
    {
      kind: 'selectKey',
      describedAs: 'KSTREAM-KEY-SELECT',
      accepts: [plain],
      produces: ['key changed: repartition() first'],
    },
    (node) => (record) => node.emit(withKey(record, select(record as never))),
  );
}
