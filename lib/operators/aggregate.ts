import type { OperatorFunction } from 'rxjs';
import type { Change, KRecord } from '../model/record.ts';
import type { Windowed } from '../model/Windowed.ts';
import type { AnyStore, KeyValueStore, SessionStore, WindowStore } from '../serde/handles.ts';
import { aggregation, type Fold } from './internal/aggregation.ts';

/** A key's aggregate with one more value in it. Returns a new one: the old must stay as it is. */
export type Aggregator<K, V, A> = (key: K, value: V, aggregate: A) => A;
/** One session's aggregate made of two. */
export type Merger<K, A> = (key: K, a: A, b: A) => A;

/**
 * Builds a value for each key out of its records, and remembers it: RxJS's `scan`, for each key,
 * and it survives a restart.
 *
 *   orders      a1    b5    a2
 *   aggregate   a[1]  b[5]  a[1,2]
 *
 * Partitions: reads by key. Store: the aggregates, with a changelog named after it. Emits: one
 * change per record (and window), at the highest timestamp so far. Null: null keys are dropped and
 * counted; null values too, but that windows (tumbling, hopping, sessions) show them to the
 * aggregator; an aggregate that becomes null deletes the row.
 *
 * Sessions: each session a record joins gives a deletion, then the new row follows. The merger sees
 * the initial value first.
 *
 * @example
 * import {
 *   aggregate, groupByKey, json, keyValueStore, number, stream, topic, topology,
 * } from 'rxkstreams';
 *
 * const lists = topology(() => {
 *   stream(topic('orders', number())).pipe(
 *     groupByKey(),
 *     aggregate(
 *       keyValueStore('orders-by-customer', json<number[]>()),
 *       () => [],
 *       (_key, order, all) => [...all, order],
 *     ),
 *   );
 * });
 * lists.describe().includes('orders-by-customer'); // => true
 *
 * @param store Keeps the aggregates. Its kind must fit: a window store after time windows, a
 * session store after sessions.
 * @param initializer What a key (and window) begins with.
 * @param aggregator Puts a value in.
 * @param merger Sessions: makes one aggregate of two. Grouped tables: the subtractor, which takes a
 * value out again.
 * @see count, reduce, cogroup
 */
export function aggregate<K, V, A>(
  store: KeyValueStore<K, A>,
  initializer: () => A,
  aggregator: Aggregator<K, V, A>,
): OperatorFunction<KRecord<K, V, 'grouped'>, Change<K, A>>;
export function aggregate<K, V, A>(
  store: WindowStore<K, A>,
  initializer: () => A,
  aggregator: Aggregator<K, V, A>,
): OperatorFunction<KRecord<K, V, 'windowed'>, Change<Windowed<K>, A>>;
export function aggregate<K, V, A>(
  store: SessionStore<K, A>,
  initializer: () => A,
  aggregator: Aggregator<K, V, A>,
  merger: Merger<K, A>,
): OperatorFunction<KRecord<K, V, 'sessions'>, Change<Windowed<K>, A | null>>;
export function aggregate<K, V, A>(
  store: KeyValueStore<K, A>,
  initializer: () => A,
  adder: Aggregator<K, V, A>,
  subtractor: Aggregator<K, V, A>,
): OperatorFunction<KRecord<K, V, 'grouped table'>, Change<K, A>>;
export function aggregate(
  store: unknown,
  initializer: () => unknown,
  aggregator: unknown,
  last: unknown = null,
): OperatorFunction<never, unknown> {
  const second = last as Fold['subtract'];
  const fold: Fold = {
    initial: initializer,
    add: aggregator as Fold['add'],
    subtract: second,
    merge: second,
  };
  return (source) => aggregation(source, { kind: 'aggregate', store: store as AnyStore, fold });
}
