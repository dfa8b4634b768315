import type {
  Admin,
  GroupOptions,
  Isolation,
  KafkaClient,
  KafkaConnection,
  LogRecord,
  NewRecord,
  PartitionReader,
  Producer,
  ProducerOptions,
} from '../../client/KafkaClient.ts';
import { systemClock } from '../../model/clock.ts';
import { partitionKey, type TopicPartition } from '../../model/topicPartition.ts';
import { bytes } from './check.ts';
import { SuiteMember } from './SuiteMember.ts';

export type SuiteArea = 'admin' | 'records' | 'reader' | 'producer' | 'group' | 'transactions';

/** What the suite runs against. */
export interface ClientSuiteContext {
  readonly client: KafkaClient;
  /** A name nobody has used: for topics, groups, transactional ids. */
  unique(name: string): string;
  /** The broker's time, where it is not real time. */
  now?(): number;
  /** The shortest session timeout the brokers allow; default 6000, Kafka's own. */
  readonly sessionMs?: number;
}

export interface CaseDefinition {
  readonly name: string;
  readonly timeoutMs?: number;
  readonly run: (kit: SuiteKit) => Promise<void>;
}

/** What a case works with; closes all that it made. */
export class SuiteKit {
  readonly client: KafkaClient;
  readonly sessionMs: number;
  readonly #context: ClientSuiteContext;
  readonly #connections: KafkaConnection[] = [];
  readonly #members: SuiteMember[] = [];
  #shared: Promise<KafkaConnection> | null = null;

  constructor(context: ClientSuiteContext) {
    this.#context = context;
    this.client = context.client;
    this.sessionMs = context.sessionMs ?? 6000;
  }

  now(): number {
    return this.#context.now?.() ?? systemClock.now();
  }

  unique(name: string): string {
    return this.#context.unique(name);
  }

  async connect(): Promise<KafkaConnection> {
    const connection = await this.client.connect({ clientId: this.unique('suite') });
    this.#connections.push(connection);
    return connection;
  }

  /** A connection for what needs none of its own. */
  connection(): Promise<KafkaConnection> {
    this.#shared ??= this.connect();
    return this.#shared;
  }

  async admin(): Promise<Admin> {
    return (await this.connection()).admin;
  }

  /** A new topic that can be written to. */
  async topic(partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = this.unique('topic');
    const admin = await this.admin();
    // Records of the suite have times of long ago: a broker would delete them while they are read.
    const kept = { 'retention.ms': '-1', ...config };
    await admin.createTopics([{ topic, partitions, config: kept }]);
    await this.eventually(`topic ${topic} has leaders`, async () => {
      const found = (await admin.describeTopics([topic])).get(topic);
      return (
        found?.partitions.length === partitions && found.partitions.every((p) => p.leader >= 0)
      );
    });
    return topic;
  }

  async producer(o: ProducerOptions = {}): Promise<Producer> {
    const producer = (await this.connection()).producer(o);
    await producer.init();
    return producer;
  }

  async reader(isolation: Isolation = 'read-uncommitted'): Promise<PartitionReader> {
    return (await this.connection()).reader({ isolation });
  }

  /** Writes values in one batch, by a producer of its own. */
  async write(topic: string, values: readonly string[], partition = 0): Promise<void> {
    const producer = await this.producer();
    await producer.send([{ topic, partition, records: records(...values) }]);
    await producer.close();
  }

  /** All of a partition that this isolation sees, up to its end now. */
  async readAll(
    topic: string,
    o: { readonly partition?: number; readonly isolation?: Isolation } = {},
  ): Promise<readonly LogRecord[]> {
    const { partition = 0, isolation = 'read-uncommitted' } = o;
    const at = { topic, partition };
    const end = await this.end(at, isolation);
    const reader = await this.reader(isolation);
    reader.assign([{ ...at, offset: await this.start(at) }]);
    const all = await this.readTo(reader, at, end);
    await reader.close();
    return all;
  }

  /** Polls a reader until it stands at an offset. */
  async readTo(reader: PartitionReader, tp: TopicPartition, end: number): Promise<LogRecord[]> {
    const all: LogRecord[] = [];
    await this.eventually(`the reader stands at ${end} of ${partitionKey(tp)}`, async () => {
      if (reader.position(tp) >= end) return true;
      for (const { records: some } of await reader.poll(200)) all.push(...some);
      return reader.position(tp) >= end;
    });
    return all;
  }

  async start(tp: TopicPartition): Promise<number> {
    const offsets = await (await this.admin()).listOffsets([tp], 'earliest');
    return offsets.get(partitionKey(tp)) as number;
  }

  async end(tp: TopicPartition, isolation: Isolation = 'read-uncommitted'): Promise<number> {
    const offsets = await (await this.admin()).listOffsets([tp], 'latest', isolation);
    return offsets.get(partitionKey(tp)) as number;
  }

  /** A member of a group that polls in the background. */
  async member(name: string, o: Partial<GroupOptions> & MemberPlace): Promise<SuiteMember> {
    const member = new SuiteMember(name, this, await this.connect(), o);
    this.#members.push(member);
    return member;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => systemClock.after(ms, resolve));
  }

  /** Waits until something is so. */
  async eventually(
    what: string,
    holds: () => boolean | Promise<boolean>,
    timeoutMs = 30_000,
  ): Promise<void> {
    const until = systemClock.now() + timeoutMs;
    while (!(await holds())) {
      if (systemClock.now() > until) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
      await this.sleep(10);
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#members.map((member) => member.stop({ remain: false })));
    await Promise.allSettled(this.#connections.map((connection) => connection.close()));
  }
}

export interface MemberPlace {
  readonly groupId: string;
  readonly topics: readonly string[];
}

/** One record per value, the value also its key. */
export function records(...values: readonly string[]): NewRecord[] {
  return values.map((value, i) => ({
    key: bytes(value),
    value: bytes(value),
    timestamp: 1000 + i,
  }));
}
