import type { OperatorFunction } from 'rxjs';
import type { KRecord } from '../model/record.ts';
import { type EmitStrategy, groupedSource } from './internal/grouping.ts';

export interface GroupOptions {
  /** `on commit`: the last change of each key, just before its commit, in place of every change. */
  readonly emit?: Exclude<EmitStrategy, 'on close'>;
}

/**
 * Says that what follows is done for each key. Nothing moves: the records lie by their key already.
 *
 *   orders       a1  b1  a2
 *   groupByKey   a1  b1  a2      for count, reduce, aggregate, windowedBy alone
 *
 * Partitions: stays. Store: none. Emits: nothing by itself. Null: the aggregation behind it drops
 * null keys.
 *
 * A key changed by `selectKey` needs `repartition` first: the types refuse it. A key changed by
 * RxJS's `map` is noticed when the record arrives, with the code `KEY_CHANGED`.
 *
 * @example
 * import {
 *   count, groupByKey, keyValueStore, number, stream, string, topic, topology,
 * } from 'rxkstreams';
 *
 * const counted = topology(() => {
 *   stream(topic('words', string())).pipe(groupByKey(), count(keyValueStore('counts', number())));
 * });
 * counted.describe().includes('KSTREAM-AGGREGATE'); // => true
 *
 * @see repartitionBy, windowedBy, count, reduce, aggregate
 */
export function groupByKey<K, V>(
  o: GroupOptions = {},
): OperatorFunction<KRecord<K, V>, KRecord<K, V, 'grouped'>> {
  return (source) =>
    groupedSource({
      source,
      table: false,
      windows: null,
      late: null,
      emit: o.emit ?? 'on update',
      emitIntervalMs: 0,
    });
}
