import type { OperatorFunction } from 'rxjs';
import type { Change, KRecord } from '../model/record.ts';
import type { Windowed } from '../model/Windowed.ts';
import type { AnyStore, KeyValueStore, SessionStore, WindowStore } from '../serde/handles.ts';
import { aggregation, type Fold } from './internal/aggregation.ts';

const counting: Fold = {
  initial: () => 0,
  add: (_key, _value, count) => (count as number) + 1,
  subtract: (_key, _value, count) => (count as number) - 1,
  merge: (_key, a, b) => (a as number) + (b as number),
};

/**
 * Counts the records of each key, and remembers the counts: RxJS's `count` that never ends, for
 * each key, and survives a restart.
 *
 *   orders   a1  b1  a2
 *   count    a1  b1  a2      letters are keys; what comes out are counts
 *
 * Partitions: reads by key. Store: the counts, with a changelog named after it. Emits: one change
 * per record (and window), at the highest timestamp counted so far. Null: null keys are dropped and
 * counted; null values too, but that windows (tumbling, hopping, sessions) count them. Values: not
 * decoded where nothing else reads the source, so one that cannot be decoded is counted too; unless
 * a policy leaves those out (`undecodable: skip` or `deadLetter`).
 *
 * @example
 * import {
 *   count, groupByKey, keyValueStore, number, stream, string, topic, topology,
 * } from 'rxkstreams';
 *
 * const orders = topic('orders', string());
 * const counted = topology(() => {
 *   stream(orders).pipe(groupByKey(), count(keyValueStore('orders-per-customer', number())));
 * });
 * counted.describe().includes('orders-per-customer'); // => true
 *
 * @param store Keeps the counts. Its kind must fit what was said before: a window store after time
 * windows, a session store after sessions.
 * @see aggregate, reduce
 */
export function count<K>(
  store: KeyValueStore<K, number>,
): OperatorFunction<KRecord<K, unknown, 'grouped' | 'grouped table'>, Change<K, number>>;
export function count<K>(
  store: WindowStore<K, number>,
): OperatorFunction<KRecord<K, unknown, 'windowed'>, Change<Windowed<K>, number>>;
export function count<K>(
  store: SessionStore<K, number>,
): OperatorFunction<KRecord<K, unknown, 'sessions'>, Change<Windowed<K>, number | null>>;
export function count(store: unknown): OperatorFunction<never, unknown> {
  return (source) =>
    aggregation(source, {
      kind: 'count',
      store: store as AnyStore,
      fold: counting,
      ignoresValues: true,
    });
}
