import { KafkaError, StreamsError } from '../errors.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import type { KRecord, KStream } from '../model/record.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import { Observable, share } from '../rx.ts';
import type { Topic } from '../serde/handles.ts';
import { balancedAssignor } from './balancedAssignor.ts';
import type {
  Fetched,
  GroupConsumer,
  Isolation,
  KafkaClient,
  KafkaConnection,
  PartitionOffset,
} from './KafkaClient.ts';
import { handleOf, recordDecoder, type TopicOrName } from './recordDecoder.ts';
import { offsetsOf, type StartAt } from './startAt.ts';

export interface TopicStreamOptions {
  /** Members of one group share the partitions; what was delivered is remembered under its name. */
  readonly groupId: string;
  /** Where partitions begin that the group has committed nothing of; default `earliest`. */
  readonly from?: StartAt;
  /** Default 1,000: how often what was delivered is committed. */
  readonly commitIntervalMs?: number;
  /** Default `read-committed`: nothing of open or aborted transactions. */
  readonly isolation?: Isolation;
  readonly clock?: Clock;
}

/** After this many records other work of the process has its turn. */
const sliceRecords = 1_000;
/** How long unsubscribing may take to commit and to leave the group. */
const stopMs = 5_000;

/**
 * The records of a topic, as one member of a consumer group: all subscribers of the result share
 * the member.
 *
 *     orders                        a b c d e f
 *     first subscriber    ^ joins   a b c d e !
 *     second subscriber       ^         c d e f !   the last one to go leaves the group
 *
 * Hot. In order within a partition. What was delivered is committed now and then, before partitions
 * move, and at the end: after a crash the records since are delivered again. Back-pressure: a
 * record is delivered when the one before it has been dealt with, and no more is fetched meanwhile
 * than the reader's own bound. Null keys and values come through.
 *
 * @example
 * import { firstValueFrom, take, toArray } from 'rxjs';
 * import { memoryKafka, produce, string, topic, topicStream } from 'rxkstreams';
 *
 * const words = topic('words', string());
 * const client = memoryKafka({ topics: { words: 1 } });
 * await produce(client, words, [{ key: 'a', value: 'hello', timestamp: 0 }]);
 * const tail = topicStream(client, words, { groupId: 'tail' });
 * (await firstValueFrom(tail.pipe(take(1), toArray()))).map(({ value }) => value); // => ['hello']
 *
 * @param topic A handle, or a name: then keys and values are bytes.
 * @throws Errors with `OFFSET_OUT_OF_RANGE` when the log no longer reaches back to what the group
 *   committed; with `UNDECODABLE` when a serde refuses a record.
 */
export function topicStream<K, V>(
  client: KafkaClient,
  topic: Topic<K, V>,
  o: TopicStreamOptions,
): KStream<K, V>;
export function topicStream(
  client: KafkaClient,
  topic: string,
  o: TopicStreamOptions,
): KStream<Uint8Array, Uint8Array>;
export function topicStream<K, V>(
  client: KafkaClient,
  topic: TopicOrName<K, V>,
  o: TopicStreamOptions,
): KStream<K, V> {
  if (typeof o?.groupId !== 'string' || o.groupId === '') {
    throw new StreamsError(
      'INVALID_OPTION',
      `topicStream: groupId is ${String(o?.groupId)}; give the name of a consumer group, as in { groupId: 'reports' }.`,
    );
  }
  const handle = handleOf(topic);
  const member = new Observable<KRecord<K, V>>((subscriber) => {
    const reading = new TopicMember(client, handle, o, (record) => {
      subscriber.next(record);
      return !subscriber.closed;
    });
    reading.run().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => reading.stop();
  });
  return member.pipe(share());
}

/** A group would wait for a topic that is not there, for ever and without a word. */
async function checkThere({ admin }: KafkaConnection, topic: string): Promise<void> {
  if ((await admin.describeTopics([topic])).has(topic)) return;
  throw new KafkaError(
    'UNKNOWN_TOPIC',
    `There is no topic '${topic}' to read: create it first, or check its name.`,
    { place: { topic } },
  );
}

/** One membership, from subscription to the last unsubscription. */
class TopicMember<K, V> {
  readonly #client: KafkaClient;
  readonly #topic: Topic<K, V>;
  readonly #o: TopicStreamOptions;
  readonly #clock: Clock;
  readonly #deliver: (record: KRecord<K, V>) => boolean;
  /** The next offset of each partition something was delivered of since the last commit. */
  #uncommitted = new Map<string, PartitionOffset>();
  /** The next offset of each partition as far as is known: an idle topic causes no commits. */
  readonly #reached = new Map<string, number>();
  #committedAt = 0;
  #committing: Promise<void> | null = null;
  #connection: KafkaConnection | null = null;
  #group: GroupConsumer | null = null;
  #stopped = false;
  #cancelForce: () => void = () => {};

  constructor(
    client: KafkaClient,
    topic: Topic<K, V>,
    o: TopicStreamOptions,
    deliver: (record: KRecord<K, V>) => boolean,
  ) {
    this.#client = client;
    this.#topic = topic;
    this.#o = o;
    this.#clock = o.clock ?? systemClock;
    this.#deliver = deliver;
  }

  /** Reads until stopped, then commits, leaves and closes. */
  async run(): Promise<void> {
    const { clock } = this.#o;
    try {
      this.#connection = await this.#client.connect(clock === undefined ? {} : { clock });
      await checkThere(this.#connection, this.#topic.topic);
      if (!this.#stopped) await this.#read(this.#connection);
    } finally {
      await this.#connection?.close().catch(() => {});
      this.#stopped = true;
      this.#cancelForce();
    }
  }

  /** Lets the reading end; what still hangs after a while is cut off. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#group?.wakeup();
    this.#cancelForce = this.#clock.after(stopMs, () => {
      this.#connection?.close().catch(() => {});
    });
  }

  async #read(connection: KafkaConnection): Promise<void> {
    const { groupId, isolation = 'read-committed', commitIntervalMs = 1_000 } = this.#o;
    const group = connection.group({
      groupId,
      topics: [this.#topic.topic],
      isolation,
      assignor: balancedAssignor,
      onRejoin: () => this.#commit(),
      onAssigned: ({ added, revoked }) => this.#assigned(connection, added, revoked),
      onLost: async () => this.#uncommitted.clear(),
    });
    this.#group = group;
    const decode = recordDecoder(this.#topic);
    this.#committedAt = this.#clock.now();
    while (!this.#stopped) {
      for (const part of await group.poll(commitIntervalMs)) {
        if (!this.#stopped) await this.#deliverAll(part, decode);
      }
      if (!this.#stopped && this.#clock.now() - this.#committedAt >= commitIntervalMs) {
        this.#committing ??= this.#commit().finally(() => {
          this.#committing = null;
        });
        // A refusal that matters comes again at the last commit; until then reading goes on.
        this.#committing.catch(() => {});
      }
      await this.#clock.breathe();
    }
    await this.#commit();
    await group.close();
  }

  async #deliverAll(
    { topic, partition, records, nextOffset }: Fetched,
    decode: ReturnType<typeof recordDecoder<K, V>>,
  ): Promise<void> {
    const key = partitionKey({ topic, partition });
    const delivered = (offset: number): void => {
      if (this.#reached.get(key) === offset) return;
      this.#reached.set(key, offset);
      this.#uncommitted.set(key, { topic, partition, offset });
    };
    let untilBreath = sliceRecords;
    for (const record of records) {
      const goesOn = this.#deliver(
        decode({ topic, partition }, record) as unknown as KRecord<K, V>,
      );
      if (!goesOn) {
        delivered(record.offset + 1);
        return;
      }
      untilBreath -= 1;
      if (untilBreath > 0) continue;
      untilBreath = sliceRecords;
      delivered(record.offset + 1);
      await this.#clock.breathe();
      if (this.#stopped) return;
    }
    delivered(nextOffset);
  }

  async #assigned(
    connection: KafkaConnection,
    added: readonly TopicPartition[],
    revoked: readonly TopicPartition[],
  ): Promise<void> {
    // What was delivered while the round went on: its next owner begins after it.
    if (revoked.length > 0) await this.#commit();
    const group = this.#group;
    if (added.length === 0 || group === null) return;
    const committed = await group.committed(added);
    const fresh = added.filter((tp) => !committed.has(partitionKey(tp)));
    const { from = 'earliest', isolation = 'read-committed' } = this.#o;
    const starts = await offsetsOf(connection.admin, fresh, from, isolation);
    for (const tp of added) {
      const key = partitionKey(tp);
      const offset = committed.get(key)?.offset ?? starts[fresh.indexOf(tp)] ?? 0;
      this.#reached.set(key, offset);
      group.seek(tp, offset);
    }
  }

  /** Commits what was delivered. That the group went on without this member is told by `onLost`. */
  async #commit(): Promise<void> {
    const offsets = this.#uncommitted;
    this.#committedAt = this.#clock.now();
    if (offsets.size === 0) return;
    this.#uncommitted = new Map();
    try {
      await this.#group?.commit([...offsets.values()]);
    } catch (error) {
      if (!(error instanceof KafkaError && (error.retriable || isLost(error)))) throw error;
      if (isLost(error)) return;
      for (const [key, offset] of offsets) {
        if (!this.#uncommitted.has(key)) this.#uncommitted.set(key, offset);
      }
    }
  }
}

function isLost(error: KafkaError): boolean {
  return error.code === 'GROUP_GENERATION_LOST' || error.code === 'CLIENT_CLOSED';
}
