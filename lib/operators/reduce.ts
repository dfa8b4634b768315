import type { OperatorFunction } from 'rxjs';
import type { Change, KRecord } from '../model/record.ts';
import type { Windowed } from '../model/Windowed.ts';
import type { AnyStore, KeyValueStore, SessionStore, WindowStore } from '../serde/handles.ts';
import { aggregation } from './internal/aggregation.ts';

/** Makes one value of two. */
export type Reducer<V> = (a: V, b: V) => V;

/**
 * Combines the values of each key, and remembers the result: RxJS's `reduce` that never ends, for
 * each key, and survives a restart.
 *
 *   payments         a1  b5  a2
 *   reduce((x, y)    a1  b5  a3
 *     => x + y)
 *
 * Partitions: reads by key. Store: the results, with a changelog named after it. Emits: one change
 * per record (and window), at the highest timestamp so far; the first value of a key is emitted as
 * it is. Null: null keys are dropped and counted; null values too, but that windows (tumbling,
 * hopping, sessions) show them to the reducer.
 *
 * @example
 * import { groupByKey, keyValueStore, number, reduce, stream, topic, topology } from 'rxkstreams';
 *
 * const highest = topology(() => {
 *   stream(topic('bids', number())).pipe(
 *     groupByKey(),
 *     reduce(keyValueStore('highest-bids', number()), (a, b) => Math.max(a, b)),
 *   );
 * });
 * highest.describe().includes('highest-bids'); // => true
 *
 * @param store Keeps the results.
 * @param reducer Sees the result so far, then the new value. Sessions merge with it too. Return a
 * new value, do not change the old.
 * @param subtractor Of a grouped table: takes a value out again that was put in.
 * @see aggregate, count
 */
export function reduce<K, V>(
  store: KeyValueStore<K, V>,
  reducer: Reducer<V>,
): OperatorFunction<KRecord<K, V, 'grouped'>, Change<K, V>>;
export function reduce<K, V>(
  store: WindowStore<K, V>,
  reducer: Reducer<V>,
): OperatorFunction<KRecord<K, V, 'windowed'>, Change<Windowed<K>, V>>;
export function reduce<K, V>(
  store: SessionStore<K, V>,
  reducer: Reducer<V>,
): OperatorFunction<KRecord<K, V, 'sessions'>, Change<Windowed<K>, V | null>>;
export function reduce<K, V>(
  store: KeyValueStore<K, V>,
  adder: Reducer<V>,
  subtractor: Reducer<V>,
): OperatorFunction<KRecord<K, V, 'grouped table'>, Change<K, V>>;
export function reduce(
  store: unknown,
  reducer: unknown,
  subtractor?: unknown,
): OperatorFunction<never, unknown> {
  const combine = reducer as Reducer<unknown>;
  const takeOut = subtractor as Reducer<unknown> | undefined;
  const fold = {
    initial: () => null,
    add: (_key: unknown, value: unknown, result: unknown) =>
      result === null ? value : combine(result, value),
    subtract:
      takeOut === undefined
        ? null
        : (_key: unknown, value: unknown, result: unknown) => takeOut(result, value),
    merge: (_key: unknown, a: unknown, b: unknown) => (a === null ? b : combine(a, b)),
  };
  return (source) => aggregation(source, { kind: 'reduce', store: store as AnyStore, fold });
}
