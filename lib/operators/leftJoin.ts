import type { Observable, OperatorFunction } from 'rxjs';
import type { Change, GlobalKTable, KRecord, KStream, KTable, Plain } from '../model/record.ts';
import type { JoinWindows } from '../model/windows/joinWindows.ts';
import { type GraceOptions, joinOf, type TableJoinOptions } from './internal/joins.ts';

/**
 * Joins by key, and keeps what finds no partner: the joiner then sees null. With the same arguments
 * as `join`.
 *
 *   orders                       a1         b2    a3
 *   customers                         +a
 *   leftJoin(customers, ...)     a1?        b2?   a3
 *
 * Of two streams, a record is known to have no partner only when stream time is past its window and
 * grace; one that comes after that goes on at once.
 *
 * Partitions: both sides must have equally many, but for a global table. Store: as `join`; two
 * streams keep a third (`name-unmatched`). Emits: at once, but for unmatched records of two streams
 * and with `graceMs`. Null: a stream's null values are dropped and counted; null keys pass, with
 * null.
 *
 * @example
 * import { json, leftJoin, stream, table, to, topic, topology } from 'rxkstreams';
 *
 * const orders = topic('orders', json<{ amount: number }>());
 * const customers = topic('customers', json<{ name: string }>());
 * const named = topic('orders-named', json<{ amount: number; name: string }>());
 * const app = topology(() => {
 *   stream(orders).pipe(
 *     leftJoin(table(customers), (order, customer) => ({ ...order, name: customer?.name ?? '?' })),
 *     to(named),
 *   );
 * });
 * app.describe().includes('KSTREAM-LEFTJOIN'); // => true
 *
 * @param joiner Sees the values of the left and of the other side, the other null where there is
 * none, and the key.
 * @see join, outerJoin, foreignKeyLeftJoin
 */
export function leftJoin<K, V, VT, R, S extends 'partitioned' | 'table'>(
  table: KTable<K, VT>,
  joiner: (
    value: NonNullable<NoInfer<V>>,
    tableValue: NonNullable<NoInfer<VT>> | null,
    key: NoInfer<K>,
  ) => R,
): OperatorFunction<KRecord<K, V, S>, KRecord<K, S extends 'table' ? R | null : R, S>>;
export function leftJoin<K, V, VT, R>(
  table: KTable<K, VT>,
  joiner: (
    value: NonNullable<NoInfer<V>>,
    tableValue: NonNullable<NoInfer<VT>> | null,
    key: NoInfer<K>,
  ) => R,
  o: TableJoinOptions<NoInfer<K>, NonNullable<R>>,
): OperatorFunction<Change<K, V>, Change<K, R | null>>;
export function leftJoin<K, V, VT, R>(
  table: KTable<K, VT>,
  joiner: (
    value: NonNullable<NoInfer<V>>,
    tableValue: NonNullable<NoInfer<VT>> | null,
    key: NoInfer<K>,
  ) => R,
  o: GraceOptions<NoInfer<K>, NoInfer<V>>,
): OperatorFunction<KRecord<K, V>, KRecord<K, R>>;
export function leftJoin<K, V, GK, VT, R, S extends Plain>(
  table: GlobalKTable<GK, VT>,
  key: (record: KRecord<NoInfer<K>, NoInfer<V>, NoInfer<S>>) => NoInfer<GK> | null,
  joiner: (
    value: NonNullable<NoInfer<V>>,
    tableValue: NonNullable<NoInfer<VT>> | null,
    key: NoInfer<K>,
  ) => R,
): OperatorFunction<KRecord<K, V, S>, KRecord<K, R, S>>;
export function leftJoin<K, V, V2, R>(
  stream: KStream<K, V2>,
  windows: JoinWindows,
  joiner: (
    value: NonNullable<NoInfer<V>>,
    other: NonNullable<NoInfer<V2>> | null,
    key: NoInfer<K>,
  ) => R,
): OperatorFunction<KRecord<K, V>, KRecord<K, R>>;
export function leftJoin(
  other: Observable<unknown>,
  second: unknown,
  third?: unknown,
): OperatorFunction<never, unknown> {
  return joinOf('left', other, second, third);
}
