import type { Clock, Random } from '../model/clock.ts';
import type { Headers, LogRecord } from '../model/logRecord.ts';
import type { TopicPartition } from '../model/topicPartition.ts';

export type { Headers, LogRecord } from '../model/logRecord.ts';

/**
 * All that the library needs of Kafka. The memory cluster and the kafkajs client implement it, and
 * both pass `clientSuite` of the testing kit; so must whatever else implements it.
 *
 * Conventions: offsets and timestamps are numbers (safe to 2^53); times end in `Ms`; every failure
 * is a `KafkaError` with a stable code; nothing resets a position by itself.
 */
export interface KafkaClient {
  /** Opens connections of its own: what one caller closes, another does not feel. */
  connect(options?: ConnectOptions): Promise<KafkaConnection>;
}

export interface ConnectOptions {
  /** Names this client in the broker's logs. */
  readonly clientId?: string;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Closing it closes all that was made with it. */
export interface KafkaConnection {
  readonly admin: Admin;
  reader(o: ReaderOptions): PartitionReader;
  group(o: GroupOptions): GroupConsumer;
  producer(o?: ProducerOptions): Producer;
  close(): Promise<void>;
}

export type Isolation = 'read-uncommitted' | 'read-committed';
export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
/** A record on its way to a log. Its bytes must not change once it is handed to `send`. */
export interface NewRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  readonly headers?: Headers;
}

/** The records for one partition, in order. */
export interface NewBatch extends TopicPartition {
  readonly records: readonly NewRecord[];
}

/** What one poll brought of one partition. May hold no records when only the position moved. */
export interface Fetched extends TopicPartition {
  readonly records: readonly LogRecord[];
  /** The position after these records: also past transaction markers and aborted records. */
  readonly nextOffset: number;
  readonly highWatermark: number;
  /**
   * The end as a read-committed reader sees it: the first offset of the earliest open transaction.
   */
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
}

// ---- reading

export interface ReaderOptions {
  readonly isolation: Isolation;
  /** Most bytes one poll asks of one partition; default 1 MiB. */
  readonly maxPartitionBytes?: number;
  /**
   * Most bytes one poll brings, over all partitions; default 16 MiB. One record larger still comes.
   */
  readonly maxBytes?: number;
  /** Reads from a follower in this rack where brokers offer it (KIP-392). */
  readonly rack?: string;
}

/** Reads partitions that the caller chose, from positions that the caller chose. Joins no group. */
export interface PartitionReader {
  /** Replaces the assignment. */
  assign(positions: readonly (TopicPartition & { readonly offset: number })[]): void;
  seek(tp: TopicPartition, offset: number): void;
  position(tp: TopicPartition): number;
  pause(tps: readonly TopicPartition[]): void;
  resume(tps: readonly TopicPartition[]): void;
  /**
   * Resolves with what has arrived: at once when something has, else after at most `maxWaitMs`,
   * then with an answer for each partition that the broker was asked about and that is at its end
   * (records empty, `highWatermark` fresh). Rejects with `OFFSET_OUT_OF_RANGE` (place: topic,
   * partition, offset). While it waits, `wakeup` makes it resolve with what there is.
   */
  poll(maxWaitMs: number): Promise<readonly Fetched[]>;
  wakeup(): void;
  close(): Promise<void>;
}

// ---- groups

export interface GroupMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartition[];
  readonly userData: Uint8Array;
}

export interface GroupAssignment {
  readonly partitions: readonly TopicPartition[];
  readonly userData: Uint8Array;
}

/** Decides who reads what; runs on the member that the coordinator made leader. */
export interface Assignor {
  /** The protocol's name: members of one group must share one. */
  readonly name: string;
  /** What this member tells the leader; called at each join. */
  userData(): Uint8Array;
  assign(
    members: readonly GroupMember[],
    partitionCounts: ReadonlyMap<string, number>,
  ): ReadonlyMap<string, GroupAssignment>;
}

export interface GroupOptions extends ReaderOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly assignor: Assignor;
  /** Static membership (KIP-345): the same id rejoins without a rebalance. */
  readonly instanceId?: string;
  /** Default 10,000. */
  readonly sessionMs?: number;
  /** Default 60,000: how long a rebalance waits for a member. */
  readonly rebalanceMs?: number;
  /** Default a third of `sessionMs`. */
  readonly heartbeatMs?: number;
  /**
   * Awaited before JoinGroup: commit here. No commit is sent from here to the answer of SyncGroup.
   */
  onRejoin(): Promise<void>;
  /**
   * The new assignment is in force; `added` partitions have no position yet and are not fetched
   * before `seek`. Cooperative: partitions in neither list are kept and their positions stand.
   * Heartbeats go on while it is awaited (state is restored here).
   */
  onAssigned(a: {
    readonly added: readonly TopicPartition[];
    readonly revoked: readonly TopicPartition[];
    readonly userData: Uint8Array;
  }): Promise<void>;
  /**
   * The group went on without this member: all is lost, nothing may be committed. It rejoins by
   * itself.
   */
  onLost(): Promise<void>;
}

export interface OffsetAndMetadata {
  readonly offset: number;
  readonly metadata?: string;
}

/** Who speaks: what a transaction needs to be fenced by the group's generation (KIP-447). */
export interface GroupMetadata {
  readonly groupId: string;
  readonly memberId: string;
  readonly generation: number;
  readonly instanceId: string | null;
}

/** Offsets by `partitionKey`. */
export interface PartitionOffset extends TopicPartition, OffsetAndMetadata {}

/**
 * A member of a consumer group: a reader whose partitions the group assigns. Heartbeats run in the
 * background. Joins on the first `poll`; callbacks run inside `poll`, one at a time.
 */
export interface GroupConsumer extends Omit<PartitionReader, 'assign'> {
  /** With `requireStable` it waits while a transaction holds offsets of these partitions. */
  committed(
    tps: readonly TopicPartition[],
    o?: { readonly requireStable?: boolean },
  ): Promise<ReadonlyMap<string, OffsetAndMetadata>>;
  /** Rejects with `GROUP_GENERATION_LOST` when this member's generation is over. */
  commit(offsets: readonly PartitionOffset[]): Promise<void>;
  groupMetadata(): GroupMetadata;
  requestRejoin(): void;
  /** True from the wish to rejoin until SyncGroup answered: a commit must wait. */
  readonly isRejoining: boolean;
  /** Leaves the group unless `remain` (default: leaves, but a static member remains). */
  close(o?: { readonly remain?: boolean }): Promise<void>;
}

// ---- writing

export interface ProducerOptions {
  /** Makes it transactional. */
  readonly transactionalId?: string;
  /** Default 60,000. */
  readonly transactionTimeoutMs?: number;
  readonly compression?: Compression;
  /** Most bytes of records in memory before `send` waits; default 32 MiB. */
  readonly bufferBytes?: number;
  /**
   * How long a record waits for company; default 0: what is sent in one call leaves in one batch.
   */
  readonly lingerMs?: number;
  /** Gives a retried send up; default 120,000. */
  readonly deliveryTimeoutMs?: number;
}

/**
 * Idempotent always; transactional by its id. Order of `send` calls is order in the log, whether
 * awaited or not. On an error that is neither retriable nor abortable: close it and make a new one.
 */
export interface Producer {
  /**
   * Transactional: fences earlier producers of this id and aborts what they left open. Else a
   * no-op.
   */
  init(): Promise<void>;
  begin(): void;
  /**
   * Resolves when all are acknowledged by all in-sync replicas, with the first offset of each
   * batch.
   */
  send(batches: readonly NewBatch[]): Promise<readonly number[]>;
  sendOffsets(offsets: readonly PartitionOffset[], group: GroupMetadata): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

// ---- administration

export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  /** Default: the broker's. */
  readonly replicationFactor?: number;
  readonly config?: Readonly<Record<string, string>>;
}

export interface TopicDescription {
  readonly topic: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly leader: number;
    readonly replicas: readonly number[];
    readonly isr: readonly number[];
  }[];
}

/** Where in a partition: the first offset, the end, or the first record at or after a time. */
export type OffsetSpec = 'earliest' | 'latest' | { readonly timestampMs: number };

export interface GroupDescription {
  readonly groupId: string;
  readonly state: string;
  readonly protocol: string;
  readonly members: readonly { readonly memberId: string; readonly clientId: string }[];
}

export interface Admin {
  /** Topics that exist already are left as they are and are not an error; tells which were made. */
  createTopics(topics: readonly NewTopic[]): Promise<readonly string[]>;
  createPartitions(topic: string, count: number): Promise<void>;
  /** Topics that do not exist are no error. */
  deleteTopics(topics: readonly string[]): Promise<void>;
  listTopics(): Promise<readonly string[]>;
  /** Topics that do not exist are not in the answer. */
  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>>;
  describeConfigs(topic: string): Promise<Readonly<Record<string, string>>>;
  alterConfigs(topic: string, config: Readonly<Record<string, string>>): Promise<void>;
  /** Deletes what lies before each offset. */
  deleteRecords(before: readonly PartitionOffset[]): Promise<void>;
  /** By `partitionKey`. A time after the last record gives the end. */
  listOffsets(
    tps: readonly TopicPartition[],
    at: OffsetSpec,
    isolation?: Isolation,
  ): Promise<ReadonlyMap<string, number>>;
  listGroups(): Promise<readonly string[]>;
  describeGroups(groupIds: readonly string[]): Promise<readonly GroupDescription[]>;
  /** By `partitionKey`. */
  listGroupOffsets(groupId: string): Promise<ReadonlyMap<string, PartitionOffset>>;
  alterGroupOffsets(groupId: string, offsets: readonly PartitionOffset[]): Promise<void>;
  /** Groups that do not exist are no error. */
  deleteGroups(groupIds: readonly string[]): Promise<void>;
}
