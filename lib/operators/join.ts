import type { Observable, OperatorFunction } from 'rxjs';
import type { Change, GlobalKTable, KRecord, KStream, KTable, Plain } from '../model/record.ts';
import type { JoinWindows } from '../model/windows/joinWindows.ts';
import { type GraceOptions, joinOf, type TableJoinOptions } from './internal/joins.ts';

/**
 * Joins by key: a stream with a table, two tables, two streams within a window, or a stream with a
 * global table. What finds no partner gives no result.
 *
 *   orders                      a1        b2   a3
 *   customers                        +a              each order meets the customer of its key
 *   join(customers, ...)                       a3
 *
 * With a table a record meets the row as it is, of a versioned table the row of its own time;
 * changes of the table emit nothing. With a table, from a table: a change of either side meets the
 * row of the other. With a stream: records of one key, however they arrive, within the window. With
 * a global table: the row under any key the record names. A result has the record's time; of two
 * tables or two streams, the later one.
 *
 * Partitions: both sides must have equally many, but for a global table. Store: none with a table;
 * two for streams (`name-left`, `name-right`, records within window and grace); one with `graceMs`
 * or `store`. Emits: at once, with `graceMs` when stream time is that much past the record; headers
 * are those of the record that caused the result. Null: a stream's null keys and values are dropped
 * and counted; a table's deletion deletes the joined row.
 *
 * @example
 * import { join, json, stream, table, to, topic, topology } from 'rxkstreams';
 *
 * const orders = topic('orders', json<{ amount: number }>());
 * const customers = topic('customers', json<{ name: string }>());
 * const named = topic('orders-named', json<{ amount: number; name: string }>());
 * const app = topology(() => {
 *   stream(orders).pipe(
 *     join(table(customers), (order, customer) => ({ ...order, name: customer.name })),
 *     to(named),
 *   );
 * });
 * app.describe().includes('KSTREAM-JOIN'); // => true
 *
 * @param joiner Sees the values of the left and of the other side, never null, and the key.
 * @see leftJoin, outerJoin, foreignKeyJoin
 */
export function join<K, V, VT, R, S extends 'partitioned' | 'table'>(
  table: KTable<K, VT>,
  joiner: (
    value: NonNullable<NoInfer<V>>,
    tableValue: NonNullable<NoInfer<VT>>,
    key: NoInfer<K>,
  ) => R,
): OperatorFunction<KRecord<K, V, S>, KRecord<K, S extends 'table' ? R | null : R, S>>;
export function join<K, V, VT, R>(
  table: KTable<K, VT>,
  joiner: (
    value: NonNullable<NoInfer<V>>,
    tableValue: NonNullable<NoInfer<VT>>,
    key: NoInfer<K>,
  ) => R,
  o: TableJoinOptions<NoInfer<K>, NonNullable<R>>,
): OperatorFunction<Change<K, V>, Change<K, R | null>>;
export function join<K, V, VT, R>(
  table: KTable<K, VT>,
  joiner: (
    value: NonNullable<NoInfer<V>>,
    tableValue: NonNullable<NoInfer<VT>>,
    key: NoInfer<K>,
  ) => R,
  o: GraceOptions<NoInfer<K>, NoInfer<V>>,
): OperatorFunction<KRecord<K, V>, KRecord<K, R>>;
export function join<K, V, GK, VT, R, S extends Plain>(
  table: GlobalKTable<GK, VT>,
  key: (record: KRecord<NoInfer<K>, NoInfer<V>, NoInfer<S>>) => NoInfer<GK> | null,
  joiner: (
    value: NonNullable<NoInfer<V>>,
    tableValue: NonNullable<NoInfer<VT>>,
    key: NoInfer<K>,
  ) => R,
): OperatorFunction<KRecord<K, V, S>, KRecord<K, R, S>>;
export function join<K, V, V2, R>(
  stream: KStream<K, V2>,
  windows: JoinWindows,
  joiner: (value: NonNullable<NoInfer<V>>, other: NonNullable<NoInfer<V2>>, key: NoInfer<K>) => R,
): OperatorFunction<KRecord<K, V>, KRecord<K, R>>;
export function join(
  other: Observable<unknown>,
  second: unknown,
  third?: unknown,
): OperatorFunction<never, unknown> {
  return joinOf('inner', other, second, third);
}
