import { type Clock, systemClock } from '../../model/clock.ts';
import type {
  ConnectOptions,
  Isolation,
  KafkaClient,
  LogRecord,
  NewRecord,
  NewTopic,
} from '../KafkaClient.ts';
import { partitionForKey } from '../murmur2.ts';
import { type Interceptor, Link } from './Link.ts';
import { type Appended, MemoryCluster } from './MemoryCluster.ts';
import { MemoryConnection } from './MemoryConnection.ts';

export interface MemoryKafkaOptions {
  /** The brokers' clock: sessions, transaction timeouts, retention. Default: real time. */
  readonly clock?: Clock;
  /** Topics it has from the start: how many partitions, or all there is to say. */
  readonly topics?: Readonly<Record<string, number | Omit<NewTopic, 'topic'>>>;
  /** Makes topics when they are first written to or read. Default false. */
  readonly autoCreateTopics?: boolean;
  /** Partitions of topics made so. Default 1. */
  readonly defaultPartitions?: number;
  /** Configuration for topics that do not say otherwise. */
  readonly topicConfig?: Readonly<Record<string, string>>;
  /**
   * How long the first rebalance of an empty group waits for company. Default 0 (brokers: 3000).
   */
  readonly groupInitialDelayMs?: number;
}

/**
 * A Kafka cluster in memory, behind the same port as a real one: logs with retention and
 * compaction, groups with rebalances and fencing, transactions with markers. It keeps the very keys
 * and values it was given: their bytes must not change after `send`.
 *
 * @example
 * import { memoryKafka } from 'rxkstreams';
 *
 * const kafka = memoryKafka({ topics: { orders: 4 } });
 * const connection = await kafka.connect();
 * await connection.admin.listTopics(); // => ['orders']
 * await connection.close();
 */
export function memoryKafka(options: MemoryKafkaOptions = {}): MemoryKafka {
  return new MemoryKafka(options);
}

/** See `memoryKafka`. Beyond the port it has hooks for tests and simulators. */
export class MemoryKafka implements KafkaClient {
  readonly clock: Clock;
  readonly #cluster: MemoryCluster;
  readonly #links: Set<Link> = new Set();
  #keyless = 0;

  constructor(options: MemoryKafkaOptions = {}) {
    const { clock = systemClock, autoCreateTopics = false, defaultPartitions = 1 } = options;
    const { topicConfig = {}, groupInitialDelayMs = 0 } = options;
    this.clock = clock;
    this.#cluster = new MemoryCluster({
      clock,
      autoCreateTopics,
      defaultPartitions,
      topicConfig,
      groupInitialDelayMs,
    });
    for (const [topic, of] of Object.entries(options.topics ?? {})) {
      this.createTopic({ topic, ...(typeof of === 'number' ? { partitions: of } : of) });
    }
  }

  async connect(o: ConnectOptions = {}): Promise<MemoryConnection> {
    const link = new Link(this.#cluster, o.clientId ?? 'rxkstreams', o.clock ?? this.clock);
    this.#links.add(link);
    link.onEnd(() => this.#links.delete(link));
    try {
      await link.call('connect', '', () => undefined);
    } catch (error) {
      link.close();
      throw error;
    }
    return new MemoryConnection(link, this.#cluster);
  }

  /**
   * While true every call fails with `BROKER_UNREACHABLE`; producers try on until their time is
   * over.
   */
  get unreachable(): boolean {
    return this.#cluster.unreachable;
  }

  set unreachable(value: boolean) {
    this.#cluster.unreachable = value;
  }

  /** Decides over every call, also of connections made before; null lets all pass. */
  get intercept(): Interceptor | null {
    return this.#cluster.intercept;
  }

  set intercept(interceptor: Interceptor | null) {
    this.#cluster.intercept = interceptor;
  }

  /** Makes a topic at once; false when it is there already. */
  createTopic(topic: NewTopic): boolean {
    return this.#cluster.createTopic(topic);
  }

  /** The names of all topics. */
  topics(): readonly string[] {
    return [...this.#cluster.topics.keys()];
  }

  /** How many partitions a topic has; 0 when there is none. */
  partitions(topic: string): number {
    return this.#cluster.topics.get(topic)?.logs.length ?? 0;
  }

  /** What lies in a log. With `read-committed` only what such a reader sees. */
  records(
    topic: string,
    partition: number,
    isolation: Isolation = 'read-uncommitted',
  ): readonly LogRecord[] {
    return this.#cluster.topic(topic).log(partition).records(isolation);
  }

  /** How many bytes a log holds, about. */
  bytes(topic: string, partition: number): number {
    return this.#cluster.topic(topic).log(partition).bytes;
  }

  /**
   * Puts a record straight into a log, as some other producer would; answers its offset. Without a
   * partition the key decides (as Java's partitioner does); without a key they take turns.
   */
  append(topic: string, partition: number | undefined, record: NewRecord): number {
    const found = this.#cluster.topic(topic);
    const chosen = partition ?? this.#partitionFor(record.key, found.logs.length);
    return this.#cluster.appendTo(found.log(chosen), [record], null);
  }

  /** Hears of all records that come into any log; the answer ends it. */
  onAppend(listener: (appended: Appended) => void): () => void {
    this.#cluster.listeners.add(listener);
    return () => this.#cluster.listeners.delete(listener);
  }

  /** Kills all connections of a client, as when its process dies: see `MemoryConnection.kill`. */
  kill(clientId: string): void {
    for (const link of [...this.#links]) if (link.clientId === clientId) link.kill();
  }

  /** Runs retention and compaction now; logs do so themselves as they grow. */
  maintain(): void {
    this.#cluster.maintain();
  }

  #partitionFor(key: Uint8Array | null, count: number): number {
    return key === null ? this.#keyless++ % count : partitionForKey(key, count);
  }
}
