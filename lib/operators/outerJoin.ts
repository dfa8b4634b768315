import type { Observable, OperatorFunction } from 'rxjs';
import type { Change, KRecord, KStream, KTable } from '../model/record.ts';
import type { JoinWindows } from '../model/windows/joinWindows.ts';
import { joinOf, type TableJoinOptions } from './internal/joins.ts';

/**
 * Joins two tables, or two streams within a window, and keeps what finds no partner on either side:
 * the joiner then sees null for the other.
 *
 *   stock                        +a              a→
 *   prices                             +a  +b          b→
 *   outerJoin(prices, ...)       a?    a   ?b    ?a    -
 *
 * Partitions: both sides must have equally many. Store: none for tables, unless one is given; three
 * for streams (`name-left`, `name-right`, `name-unmatched`). Emits: tables at once; unmatched
 * records of streams when stream time is past their window and grace, in order of time. Null: of
 * streams, null values are dropped and counted, null keys pass, with null; a row is deleted when
 * neither table has it.
 *
 * @example
 * import { json, outerJoin, table, to, topic, topology, toStream } from 'rxkstreams';
 *
 * const stock = topic('stock', json<number>());
 * const prices = topic('prices', json<number>());
 * const app = topology(() => {
 *   table(stock).pipe(
 *     outerJoin(table(prices), (left, cents) => ({ left: left ?? 0, cents })),
 *     toStream(),
 *     to(topic('shelf', json<{ left: number; cents: number | null } | null>())),
 *   );
 * });
 * app.describe().includes('KTABLE-OUTER'); // => true
 *
 * @param joiner Sees the values of both sides, null where there is none (never both), and the key.
 * @see join, leftJoin
 */
export function outerJoin<K, V, VT, R>(
  table: KTable<K, VT>,
  joiner: (
    value: NonNullable<NoInfer<V>> | null,
    tableValue: NonNullable<NoInfer<VT>> | null,
    key: NoInfer<K>,
  ) => R,
  o?: TableJoinOptions<NoInfer<K>, NonNullable<R>>,
): OperatorFunction<Change<K, V>, Change<K, R | null>>;
export function outerJoin<K, V, V2, R>(
  stream: KStream<K, V2>,
  windows: JoinWindows,
  joiner: (
    value: NonNullable<NoInfer<V>> | null,
    other: NonNullable<NoInfer<V2>> | null,
    key: NoInfer<K>,
  ) => R,
): OperatorFunction<KRecord<K, V>, KRecord<K, R>>;
export function outerJoin(
  other: Observable<unknown>,
  second: unknown,
  third?: unknown,
): OperatorFunction<never, unknown> {
  return joinOf('outer', other, second, third);
}
