import type { Observable, OperatorFunction } from 'rxjs';
import type { Change, KRecord, Stage } from '../model/record.ts';
import type { Windowed } from '../model/Windowed.ts';
import type { AnyStore, KeyValueStore, SessionStore, WindowStore } from '../serde/handles.ts';
import type { Aggregator, Merger } from './aggregate.ts';
import { aggregation, type Fold } from './internal/aggregation.ts';

/** Further grouped streams, each with the function that puts its values in. */
export type Cogrouped<K, A, W extends readonly unknown[], S extends Stage> = {
  readonly [I in keyof W]: readonly [
    source: Observable<KRecord<K, W[I], S>>,
    aggregator: Aggregator<K, W[I], A>,
  ];
};

/**
 * Builds one value for each key out of several streams: an `aggregate` with more than one input.
 *
 *   clicks                  a/x        a/y
 *   orders                       a5
 *   cogroup(clicks, orders) a{1} a{1,5} a{2,5}
 *
 * Partitions: reads by key; all topics need equally many. Store: the aggregates, with a changelog
 * named after it. Emits: one change per record (and window), at the highest timestamp so far. Null:
 * as of `aggregate`.
 *
 * What `windowedBy` said of the first stream holds for all; another may be windowed alike to have
 * its own `late`.
 *
 * @example
 * import {
 *   cogroup, groupByKey, json, keyValueStore, number, stream, string, topic, topology,
 * } from 'rxkstreams';
 *
 * interface Customer { readonly clicks: number; readonly spent: number }
 * const customers = keyValueStore('customers', json<Customer>());
 * const seen = topology(() => {
 *   const orders = stream(topic('orders', number())).pipe(groupByKey());
 *   stream(topic('clicks', string())).pipe(
 *     groupByKey(),
 *     cogroup(
 *       customers,
 *       () => ({ clicks: 0, spent: 0 }),
 *       (_key, _page, customer) => ({ ...customer, clicks: customer.clicks + 1 }),
 *       [orders, (_key, amount, customer) => ({ ...customer, spent: customer.spent + amount })],
 *     ),
 *   );
 * });
 * seen.describe().includes('topics: [orders]'); // => true
 *
 * @param store Keeps the aggregates. Its kind must fit: a window store after time windows, a
 * session store after sessions.
 * @param initializer What a key (and window) begins with.
 * @param aggregator Puts a value of the first stream in.
 * @see aggregate
 */
export function cogroup<K, V, A, W extends readonly unknown[]>(
  store: KeyValueStore<K, A>,
  initializer: () => A,
  aggregator: Aggregator<K, V, A>,
  ...others: Cogrouped<K, A, W, 'grouped'>
): OperatorFunction<KRecord<K, V, 'grouped'>, Change<K, A>>;
export function cogroup<K, V, A, W extends readonly unknown[]>(
  store: WindowStore<K, A>,
  initializer: () => A,
  aggregator: Aggregator<K, V, A>,
  ...others: Cogrouped<K, A, W, 'grouped' | 'windowed'>
): OperatorFunction<KRecord<K, V, 'windowed'>, Change<Windowed<K>, A>>;
export function cogroup<K, V, A, W extends readonly unknown[]>(
  store: SessionStore<K, A>,
  initializer: () => A,
  aggregator: Aggregator<K, V, A>,
  merger: Merger<K, A>,
  ...others: Cogrouped<K, A, W, 'grouped' | 'sessions'>
): OperatorFunction<KRecord<K, V, 'sessions'>, Change<Windowed<K>, A | null>>;
export function cogroup(
  store: unknown,
  initializer: () => unknown,
  aggregator: unknown,
  ...rest: readonly unknown[]
): OperatorFunction<never, unknown> {
  const merger = typeof rest[0] === 'function' ? rest[0] : null;
  const pairs = (merger === null ? rest : rest.slice(1)) as readonly AnyPair[];
  const fold: Fold = {
    initial: initializer,
    add: aggregator as Fold['add'],
    subtract: null,
    merge: merger as Fold['merge'],
  };
  const others = pairs.map(([source, add]) => ({ source, add }));
  return (source) =>
    aggregation(source, { kind: 'cogroup', store: store as AnyStore, fold, others });
}

type AnyPair = readonly [source: Observable<unknown>, add: Fold['add']];
