import { KafkaError } from '../errors.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import type { KRecord, KStream } from '../model/record.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import { Observable } from '../rx.ts';
import type { Topic } from '../serde/handles.ts';
import type { Admin, Isolation, KafkaClient, KafkaConnection } from './KafkaClient.ts';
import { handleOf, recordDecoder, type TopicOrName } from './recordDecoder.ts';
import { offsetsOf, type StartAt } from './startAt.ts';

export interface PartitionOptions {
  /** Default `earliest`. A `timestampMs` after the last record means the end. */
  readonly from?: StartAt;
  /**
   * `end`: completes at the end as it was when subscribed. An offset: completes before it. Without
   * it goes on with what is written later.
   */
  readonly to?: 'end' | { readonly offset: number };
  /** Default `read-committed`: nothing of open or aborted transactions. */
  readonly isolation?: Isolation;
  readonly clock?: Clock;
}

/** How long one poll may wait; unsubscribing does not wait for it. */
const pollMs = 1_000;
/** After this many records other work of the process has its turn. */
const sliceRecords = 1_000;

/**
 * The records of one partition, without a group: each subscription connects and reads again.
 *
 *     orders[0]                          a b c d e| (end when subscribed) f
 *     partition(client, orders, 0,
 *       { from: { offset: 1 }, to: 'end' })  b c d e|
 *
 * Cold. Back-pressure: a record is delivered when the one before it has been dealt with, and no
 * more is fetched meanwhile than the reader's own bound. Unsubscribing closes the connection at
 * once. Null keys and values come through.
 *
 * @example
 * import { firstValueFrom, toArray } from 'rxjs';
 * import { memoryKafka, partition, produce, string, topic } from 'rxkstreams';
 *
 * const words = topic('words', string());
 * const client = memoryKafka({ topics: { words: 1 } });
 * await produce(client, words, [{ key: 'a', value: 'hello', timestamp: 0 }]);
 * const read = partition(client, words, 0, { from: 'earliest', to: 'end' });
 * (await firstValueFrom(read.pipe(toArray()))).map(({ value }) => value); // => ['hello']
 *
 * @param topic A handle, or a name: then keys and values are bytes.
 * @param n The partition's number.
 * @throws Errors with `OFFSET_OUT_OF_RANGE` when the log does not reach back (or on) to `from`:
 *   nothing is skipped silently; with `UNDECODABLE` when a serde refuses a record.
 */
export function partition<K, V>(
  client: KafkaClient,
  topic: Topic<K, V>,
  n: number,
  o?: PartitionOptions,
): KStream<K, V>;
export function partition(
  client: KafkaClient,
  topic: string,
  n: number,
  o?: PartitionOptions,
): KStream<Uint8Array, Uint8Array>;
export function partition<K, V>(
  client: KafkaClient,
  topic: TopicOrName<K, V>,
  n: number,
  o: PartitionOptions = {},
): KStream<K, V> {
  const handle = handleOf(topic);
  return new Observable((subscriber) => {
    let connection: KafkaConnection | null = null;
    const connect = async (): Promise<KafkaConnection> => {
      connection = await client.connect(o.clock === undefined ? {} : { clock: o.clock });
      return connection;
    };
    const close = async (): Promise<void> => connection?.close();
    const deliver = (record: KRecord<K, V>): boolean => {
      subscriber.next(record);
      return !subscriber.closed;
    };
    void (async () => {
      try {
        if (!subscriber.closed) await read(await connect(), handle, n, o, deliver, subscriber);
        await close();
        subscriber.complete();
      } catch (error) {
        await close().catch(() => {});
        subscriber.error(error);
      }
    })();
    return () => void close().catch(() => {});
  });
}

/** Reads until the end that was asked for, or until nobody listens. */
async function read<K, V>(
  connection: KafkaConnection,
  topic: Topic<K, V>,
  n: number,
  o: PartitionOptions,
  deliver: (record: KRecord<K, V>) => boolean,
  listener: { readonly closed: boolean },
): Promise<void> {
  const { from = 'earliest', to, isolation = 'read-committed', clock = systemClock } = o;
  if (listener.closed) return;
  const tp = { topic: topic.topic, partition: n };
  const [end = 0] = await offsetsOf(
    connection.admin,
    [tp],
    to === 'end' ? 'latest' : (to ?? endless),
    isolation,
  );
  const [start = 0] = await offsetsOf(connection.admin, [tp], from, isolation);
  if (start >= end && typeof from === 'object' && 'offset' in from) {
    await checkWithin(connection.admin, tp, start);
  }
  if (start >= end || listener.closed) return;
  const decode = recordDecoder(topic);
  const reader = connection.reader({ isolation });
  reader.assign([{ ...tp, offset: start }]);
  while (!listener.closed && reader.position(tp) < end) {
    for (const { records } of await reader.poll(pollMs)) {
      let untilBreath = sliceRecords;
      for (const record of records) {
        if (record.offset >= end || listener.closed) return;
        if (!deliver(decode(tp, record) as unknown as KRecord<K, V>)) return;
        untilBreath -= 1;
        if (untilBreath > 0) continue;
        untilBreath = sliceRecords;
        await clock.breathe();
      }
    }
    await clock.breathe();
  }
}

/** Nothing is to be read: so nothing else tells that the log does not reach to the start. */
async function checkWithin(admin: Admin, tp: TopicPartition, offset: number): Promise<void> {
  const [first = 0] = await offsetsOf(admin, [tp], 'earliest', 'read-uncommitted');
  const [end = 0] = await offsetsOf(admin, [tp], 'latest', 'read-uncommitted');
  if (offset >= first && offset <= end) return;
  throw new KafkaError(
    'OFFSET_OUT_OF_RANGE',
    `The log holds offsets ${first} to ${end}: begin within them`,
    { place: { ...tp, offset } },
  );
}

const endless = { offset: Number.POSITIVE_INFINITY };
