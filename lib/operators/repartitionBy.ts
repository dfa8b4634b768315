import type { Observable, OperatorFunction } from 'rxjs';
import { type KRecord, type Plain, withKey } from '../model/record.ts';
import { type RepartitionOptions, throughTopic } from './internal/throughTopic.ts';

/**
 * Gives each record another key and sends it through a topic, so that it lies in the partition of
 * that key.
 *
 *   orders                         a{c: x}  b{c: y}
 *   repartitionBy('by-customer',   x{c: x}  y{c: y}
 *     order => order.c)
 *
 * Partitions: by the new key, or by `partitioner`. Store: none; a topic `<app>-<name>-repartition`.
 * Emits: each record, later, with its timestamp and headers. Null: a null key lies anywhere; null
 * values are shown to the function.
 *
 * @example
 * import {
 *   count, groupByKey, json, keyValueStore, number, repartitionBy, stream, topic, topology,
 * } from 'rxkstreams';
 *
 * const orders = topic('orders', json<{ customer: string }>());
 * const counted = topology(() => {
 *   stream(orders).pipe(
 *     repartitionBy('orders-by-customer', (order) => order.customer),
 *     groupByKey(),
 *     count(keyValueStore('orders-per-customer', number())),
 *   );
 * });
 * counted.describe().includes('orders-by-customer'); // => true
 *
 * @param name Names the topic, so it must stay the same from one version of the program to the
 * next.
 * @param select Sees the value and the key; answers the new key. Keys other than strings need the
 * serde `key` in the options.
 * @see selectKey, repartition
 */
export function repartitionBy<K, V, K2>(
  name: string,
  select: (value: V, key: K) => K2,
  o: RepartitionOptions<K2, V> = {},
): OperatorFunction<KRecord<K, V, Plain>, KRecord<K2, V>> {
  const keyOf = select as (value: unknown, key: unknown) => unknown;
  return (source) =>
    throughTopic('repartitionBy', name, source, o, (record) =>
      withKey(record, keyOf(record.value, record.key)),
    ) as Observable<unknown> as Observable<KRecord<K2, V>>;
}
