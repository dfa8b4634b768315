import { lastValueFrom, mergeMap, range, takeWhile, toArray } from 'rxjs';
import { type KRecord, type MemoryKafka, partition, type Topic } from 'rxkstreams';

/** The records of a topic, from its beginning, up to and with the last one. */
export function recordsUntil<K, V>(
  client: MemoryKafka,
  topic: Topic<K, V>,
  isLast: (record: KRecord<K, V>) => boolean,
): Promise<KRecord<K, V>[]> {
  return lastValueFrom(
    range(0, client.partitions(topic.topic)).pipe(
      mergeMap((n) => partition(client, topic, n)),
      takeWhile((record) => !isLast(record), true),
      toArray(),
    ),
  );
}

/** The records that are in a topic now. */
export function recordsOf<K, V>(client: MemoryKafka, topic: Topic<K, V>): Promise<KRecord<K, V>[]> {
  return lastValueFrom(
    range(0, client.partitions(topic.topic)).pipe(
      mergeMap((n) => partition(client, topic, n, { to: 'end' })),
      toArray(),
    ),
  );
}
