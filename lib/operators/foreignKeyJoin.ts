import type { OperatorFunction } from 'rxjs';
import type { Change, KTable } from '../model/record.ts';
import {
  type AnyForeignKeyJoinOptions,
  type ForeignKeyJoinOptions,
  foreignKeyJoinOf,
} from './internal/foreignKeyJoinOf.ts';
import type { ForeignKeyJoin } from './internal/foreignKeyKernels.ts';

/**
 * Joins a table with rows of another whose key is named in its values: orders with their product.
 *
 *   orders                        1{kettle}            1{cup}
 *   products                                 +kettle            +cup
 *   foreignKeyJoin(products)                 1         1→        1
 *
 * Partitions: any; each row asks the task that owns its foreign key, which answers, now and
 * whenever its row changes. Store: the joined rows under `name`, and `name-subscriptions` (who
 * wants which row); topics `<app>-<name>-subscription-repartition` and
 * `<app>-<name>-response-repartition`. Emits: one change for each left row a change concerns, in
 * order of keys; at the later timestamp on a left change, at the right row's on a right change;
 * also when the result is the same. Null: a row whose foreign key is null joins nothing.
 *
 * @example
 * import { foreignKeyJoin, json, table, to, topic, topology, toStream } from 'rxkstreams';
 *
 * const orders = topic('orders', json<{ sku: string }>());
 * const products = topic('products', json<{ title: string }>());
 * const app = topology(() => {
 *   table(orders).pipe(
 *     foreignKeyJoin(
 *       'order-product',
 *       table(products),
 *       (order) => order.sku,
 *       (order, product) => ({ ...order, title: product.title }),
 *     ),
 *     toStream(),
 *     to(topic('titled', json<{ sku: string; title: string } | null>())),
 *   );
 * });
 * app.describe().includes('order-product-subscription'); // => true
 *
 * @param name Names the stores and topics, so it must stay the same from one version of the program
 * to the next.
 * @param foreignKey Of a left row; it must answer the same for the same row.
 * @see foreignKeyLeftJoin, join
 */
export function foreignKeyJoin<K, V, FK, VT, R>(
  name: string,
  table: KTable<FK, VT>,
  foreignKey: (value: NonNullable<NoInfer<V>>, key: NoInfer<K>) => NoInfer<FK> | null,
  joiner: (
    value: NonNullable<NoInfer<V>>,
    tableValue: NonNullable<NoInfer<VT>>,
    key: NoInfer<K>,
  ) => R,
  o: ForeignKeyJoinOptions<NoInfer<K>, NoInfer<FK>, NonNullable<NoInfer<VT>>, NonNullable<R>> = {},
): OperatorFunction<Change<K, V>, Change<K, R | null>> {
  const functions = { foreignKeyOf: foreignKey, joiner } as unknown as ForeignKeyJoin;
  const options = o as AnyForeignKeyJoinOptions;
  return foreignKeyJoinOf('foreignKeyJoin', name, table, functions, options);
}
