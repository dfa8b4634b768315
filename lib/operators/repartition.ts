import type { Observable, OperatorFunction } from 'rxjs';
import type { KRecord, Plain } from '../model/record.ts';
import { type RepartitionOptions, throughTopic } from './internal/throughTopic.ts';

/**
 * Sends records through a topic, so that each lies in the partition of its key again.
 *
 *   task 0   x1  --\  /--  y1
 *   task 1   y1  --/  \--  x1
 *
 * Partitions: by the key, or by `partitioner`. Store: none; a topic `<app>-<name>-repartition`.
 * Emits: each record, later, with its timestamp and headers. Null: a null key lies anywhere; a null
 * value passes.
 *
 * Behind it stream time is that of the slowest task that writes: nothing is late because one task
 * is ahead.
 *
 * @example
 * import {
 *   count, groupByKey, keyValueStore, number, repartition, selectKey, stream, string, topic,
 *   topology,
 * } from 'rxkstreams';
 *
 * const counted = topology(() => {
 *   stream(topic('words', string())).pipe(
 *     selectKey((word) => word.value),
 *     repartition('by-word', { value: string() }),
 *     groupByKey(),
 *     count(keyValueStore('counts', number())),
 *   );
 * });
 * counted.describe().includes('by-word'); // => true
 *
 * @param name Names the topic, so it must stay the same from one version of the program to the
 * next.
 * @see repartitionBy, selectKey
 */
export function repartition<K, V>(
  name: string,
  o: RepartitionOptions<NoInfer<K>, NoInfer<V>> = {},
): OperatorFunction<KRecord<K, V, Plain>, KRecord<K, V>> {
  return (source) =>
    throughTopic(
      'repartition',
      name,
      source,
      o,
      (record) => record,
    ) as Observable<unknown> as Observable<KRecord<K, V>>;
}
