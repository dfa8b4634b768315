import { KafkaError, StreamsError } from '../errors.ts';
import type { Clock } from '../model/clock.ts';
import type { Headers } from '../model/logRecord.ts';
import { noHeaders } from '../model/record.ts';
import type { Topic } from '../serde/handles.ts';
import type { KafkaClient, NewRecord } from './KafkaClient.ts';
import { partitionForKey } from './murmur2.ts';

/** What `produce` writes; a null value deletes, records with a null key take turns. */
export interface Produced<K, V> {
  readonly key: K | null;
  readonly value: V | null;
  readonly timestamp: number;
  readonly headers?: Headers;
}

export interface ProduceOptions {
  /** Records in one request; default 5,000. */
  readonly batch?: number;
  readonly clock?: Clock;
}

/**
 * Writes records to a topic, where Java's own producer would put them, and resolves when all
 * brokers in sync have them.
 *
 * A topology writes with `to`; this is for what feeds one: samples, tests, imports.
 *
 * @example
 * import { firstValueFrom, toArray } from 'rxjs';
 * import { json, memoryKafka, partition, produce, topic } from 'rxkstreams';
 *
 * const orders = topic('orders', json<number>());
 * const client = memoryKafka({ topics: { orders: 1 } });
 * await produce(client, orders, [{ key: 'a', value: 5, timestamp: 1_000 }]);
 * const read = await firstValueFrom(partition(client, orders, 0, { to: 'end' }).pipe(toArray()));
 * read.map((record) => [record.key, record.value, record.timestamp]); // => [['a', 5, 1000]]
 *
 * @param records Taken one batch at a time, so a generator may make millions.
 */
export async function produce<K, V>(
  client: KafkaClient,
  topic: Topic<K, V>,
  records: Iterable<Produced<NoInfer<K>, NoInfer<V>>>,
  o: ProduceOptions = {},
): Promise<void> {
  const connection = await client.connect(o.clock === undefined ? {} : { clock: o.clock });
  try {
    const described = (await connection.admin.describeTopics([topic.topic])).get(topic.topic);
    if (described === undefined) {
      throw new KafkaError(
        'UNKNOWN_TOPIC',
        `There is no topic '${topic.topic}' to write to: create it first (admin.createTopics).`,
        { place: { topic: topic.topic } },
      );
    }
    const producer = connection.producer();
    await producer.init();
    const partitions = described.partitions.length;
    let batches = emptyBatches(partitions);
    let size = 0;
    for (const record of records) {
      checkTimestamp(topic.topic, record.timestamp);
      const key = record.key === null ? null : topic.key.encode(record.key);
      const chooses =
        key === null || topic.key.partitionBytes === undefined
          ? key
          : topic.key.partitionBytes(record.key as K);
      const partition = chooses === null ? size % partitions : partitionForKey(chooses, partitions);
      batches[partition]?.push({
        key,
        value: record.value === null ? null : topic.value.encode(record.value),
        timestamp: record.timestamp,
        headers: record.headers ?? noHeaders,
      });
      size += 1;
      if (size < (o.batch ?? 5_000)) continue;
      await send(batches);
      batches = emptyBatches(partitions);
      size = 0;
    }
    await send(batches);
    await producer.flush();

    async function send(full: readonly NewRecord[][]): Promise<void> {
      await producer.send(
        full.flatMap((list, partition) =>
          list.length === 0 ? [] : [{ topic: topic.topic, partition, records: list }],
        ),
      );
    }
  } finally {
    await connection.close();
  }
}

function checkTimestamp(topic: string, timestamp: number): void {
  if (Number.isSafeInteger(timestamp)) return;
  throw new StreamsError(
    'INVALID_OPTION',
    `produce: a record for ${topic} has the timestamp ${String(timestamp)}: give its event time in whole ms since the epoch, or Date.now().`,
  );
}

function emptyBatches(partitions: number): NewRecord[][] {
  return Array.from({ length: partitions }, () => []);
}
