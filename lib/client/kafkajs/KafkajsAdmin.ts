import { partitionKey, type TopicPartition } from '../../model/topicPartition.ts';
import type {
  Admin,
  GroupDescription,
  Isolation,
  NewTopic,
  OffsetSpec,
  PartitionOffset,
  TopicDescription,
} from '../KafkaClient.ts';
import * as groups from './group/groupAdmin.ts';
import { kafkaErrorOf } from './kafkaErrors.ts';
import { apiKeys } from './protocol/apiKeys.ts';
import type { ProtocolReader } from './protocol/Reader.ts';
import type { ProtocolWriter } from './protocol/Writer.ts';
import * as partitionsCreated from './requests/createPartitions.ts';
import type { TopicResult } from './requests/createTopics.ts';
import * as topicsCreated from './requests/createTopics.ts';
import * as recordsDeleted from './requests/deleteRecords.ts';
import * as topicsDeleted from './requests/deleteTopics.ts';
import * as configsDescribed from './requests/describeConfigs.ts';
import * as configsAltered from './requests/incrementalAlterConfigs.ts';
import * as offsetsListed from './requests/listOffsets.ts';
import type { PartitionError } from './requests/topicArrays.ts';
import { retrying } from './retry.ts';
import type { NodeId, TopicMeta, Wire } from './Wire.ts';

const brokerTimeoutMs = 30_000;
const unknownGraceMs = 3_000;
const topicExists = 36;
const unknownTopic = 3;
const earliest = -2;
const latest = -1;

/** Administration, by requests of our own: each repeated while brokers say that it may help. */
export class KafkajsAdmin implements Admin {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  async createTopics(topics: readonly NewTopic[]): Promise<readonly string[]> {
    if (topics.length === 0) return [];
    const made: string[] = [];
    let left = topics;
    await this.#repeat(async () => {
      const results = await this.#askController(
        apiKeys.createTopics,
        topicsCreated.createTopicsVersion,
        (writer) => topicsCreated.encodeCreateTopics(writer, left, brokerTimeoutMs),
        topicsCreated.decodeCreateTopics,
      );
      for (const { topic, errorCode } of results) {
        if (errorCode !== 0 && errorCode !== topicExists) continue;
        if (errorCode === 0) made.push(topic);
        left = left.filter((one) => one.topic !== topic);
      }
      checkTopics(results, 'cannot be made', topicExists);
    });
    await this.#untilLed(topics.map(({ topic }) => topic));
    return made;
  }

  async createPartitions(topic: string, count: number): Promise<void> {
    await this.#repeat(async () => {
      const results = await this.#askController(
        apiKeys.createPartitions,
        partitionsCreated.createPartitionsVersion,
        (writer) => partitionsCreated.encodeCreatePartitions(writer, topic, count, brokerTimeoutMs),
        partitionsCreated.decodeCreatePartitions,
      );
      checkTopics(results, 'cannot grow');
    });
  }

  async deleteTopics(topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return;
    let left = topics;
    await this.#repeat(async (attempt) => {
      const results = await this.#askController(
        apiKeys.deleteTopics,
        topicsDeleted.deleteTopicsVersion,
        (writer) => topicsDeleted.encodeDeleteTopics(writer, left, brokerTimeoutMs),
        topicsDeleted.decodeDeleteTopics,
      );
      const gone = new Set(results.filter((r) => r.errorCode === 0).map(({ topic }) => topic));
      left = left.filter((topic) => !gone.has(topic));
      // The first attempt may have done it, though its answer was lost.
      checkTopics(results, 'cannot be deleted', attempt > 0 ? unknownTopic : 0);
    });
  }

  async listTopics(): Promise<readonly string[]> {
    const { topics } = await this.#metadata(null);
    return [...topics.values()].filter(({ isInternal }) => !isInternal).map(({ topic }) => topic);
  }

  async describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>> {
    const found = new Map<string, TopicDescription>();
    if (topics.length === 0) return found;
    const known = (await this.#metadata(topics)).topics;
    for (const topic of topics) {
      const meta = known.get(topic);
      if (meta !== undefined) found.set(topic, describe(meta));
    }
    return found;
  }

  async describeConfigs(topic: string): Promise<Readonly<Record<string, string>>> {
    return this.#repeat(async () => {
      const results = await this.#askController(
        apiKeys.describeConfigs,
        configsDescribed.describeConfigsVersion,
        (writer) => configsDescribed.encodeDescribeConfigs(writer, topic),
        configsDescribed.decodeDescribeConfigs,
      );
      checkTopics(
        results.map((result) => ({ ...result, topic })),
        'cannot be described',
      );
      return Object.fromEntries(results[0]?.configs ?? []);
    });
  }

  async alterConfigs(topic: string, config: Readonly<Record<string, string>>): Promise<void> {
    await this.#repeat(async () => {
      const results = await this.#askController(
        apiKeys.incrementalAlterConfigs,
        configsAltered.incrementalAlterConfigsVersion,
        (writer) => configsAltered.encodeIncrementalAlterConfigs(writer, topic, config),
        configsAltered.decodeIncrementalAlterConfigs,
      );
      checkTopics(results, 'cannot be configured');
    });
  }

  async deleteRecords(before: readonly PartitionOffset[]): Promise<void> {
    await this.#askLeaders(
      before,
      apiKeys.deleteRecords,
      recordsDeleted.deleteRecordsVersion,
      (writer, some) => recordsDeleted.encodeDeleteRecords(writer, some, brokerTimeoutMs),
      recordsDeleted.decodeDeleteRecords,
      () => {},
    );
  }

  async listOffsets(
    tps: readonly TopicPartition[],
    at: OffsetSpec,
    isolation: Isolation = 'read-uncommitted',
  ): Promise<ReadonlyMap<string, number>> {
    const isCommittedOnly = isolation === 'read-committed';
    const found = await this.#offsetsAt(tps, timestampOf(at), isCommittedOnly);
    const after = tps.filter((tp) => (found.get(partitionKey(tp)) ?? 0) < 0);
    if (after.length === 0) return found;
    // No record at or after that time: the end.
    const ends = await this.#offsetsAt(after, latest, isCommittedOnly);
    return new Map([...found, ...ends]);
  }

  listGroups(): Promise<readonly string[]> {
    return groups.listGroups(this.#wire);
  }

  describeGroups(groupIds: readonly string[]): Promise<readonly GroupDescription[]> {
    return groups.describeGroups(this.#wire, groupIds);
  }

  listGroupOffsets(groupId: string): Promise<ReadonlyMap<string, PartitionOffset>> {
    return groups.listGroupOffsets(this.#wire, groupId);
  }

  alterGroupOffsets(groupId: string, offsets: readonly PartitionOffset[]): Promise<void> {
    return groups.alterGroupOffsets(this.#wire, groupId, offsets);
  }

  deleteGroups(groupIds: readonly string[]): Promise<void> {
    return groups.deleteGroups(this.#wire, groupIds);
  }

  async #offsetsAt(
    tps: readonly TopicPartition[],
    timestamp: number,
    isCommittedOnly: boolean,
  ): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    await this.#askLeaders(
      tps,
      apiKeys.listOffsets,
      offsetsListed.listOffsetsVersion,
      (writer, some) => offsetsListed.encodeListOffsets(writer, isCommittedOnly, timestamp, some),
      offsetsListed.decodeListOffsets,
      (result) => found.set(partitionKey(result), result.offset),
    );
    return found;
  }

  /** A topic is of use once each partition has a leader. */
  async #untilLed(topics: readonly string[]): Promise<void> {
    await retrying(
      this.#wire,
      async () => {
        const cluster = await this.#wire.metadata(topics, true);
        for (const topic of topics) {
          const partitions = [...(cluster.topics.get(topic)?.partitions.values() ?? [])];
          if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) continue;
          throw kafkaErrorOf(5, 'The new topic has no leader yet. Check the brokers.', { topic });
        }
      },
      { initialDelayMs: 10, maxDelayMs: 250 },
    );
  }

  /** Repeats what may help. A topic that is not known may be new, but not for long. */
  #repeat<T>(work: (attempt: number) => Promise<T>): Promise<T> {
    const wire = this.#wire;
    const sinceMs = wire.clock.now();
    return retrying(wire, work, {
      given: ({ kafkaCode }) =>
        kafkaCode === unknownTopic && wire.clock.now() - sinceMs > unknownGraceMs,
    });
  }

  #metadata(topics: readonly string[] | null): Promise<Wire['cluster']> {
    return this.#repeat(() => this.#wire.metadata(topics, true));
  }

  /** Asks the controller; under KRaft any broker stands in for it. */
  async #askController<T>(
    apiKey: number,
    version: number,
    write: (writer: ProtocolWriter) => void,
    read: (reader: ProtocolReader) => T,
  ): Promise<T> {
    const { controller } = await this.#wire.metadata([], true);
    const timeoutMs = brokerTimeoutMs + 5_000;
    return read(await this.#wire.request(controller, apiKey, version, write, { timeoutMs }));
  }

  /**
   * Asks each leader for its partitions; what fails for a while is asked again, the rest is not.
   */
  async #askLeaders<T extends TopicPartition, R extends PartitionError>(
    items: readonly T[],
    apiKey: number,
    version: number,
    write: (writer: ProtocolWriter, items: readonly T[]) => void,
    read: (reader: ProtocolReader) => readonly R[],
    take: (result: R) => void,
  ): Promise<void> {
    const left = new Map(items.map((item) => [partitionKey(item), item]));
    await this.#repeat(async (attempt) => {
      if (left.size === 0) return;
      const asked = await this.#byLeader([...left.values()], attempt > 0);
      const requests = [...asked].map(async ([node, some]) => {
        const reader = await this.#wire.request(node, apiKey, version, (writer) =>
          write(writer, some),
        );
        return read(reader);
      });
      const answers = await Promise.allSettled(requests);
      let failure: unknown = null;
      for (const answer of answers) {
        if (answer.status === 'rejected') {
          failure ??= answer.reason;
          continue;
        }
        for (const result of answer.value) {
          if (result.errorCode === 0) {
            left.delete(partitionKey(result));
            take(result);
          } else failure ??= partitionFailure(result);
        }
      }
      if (failure !== null) throw failure;
    });
  }

  async #byLeader<T extends TopicPartition>(
    items: readonly T[],
    refresh: boolean,
  ): Promise<ReadonlyMap<NodeId, T[]>> {
    const topics = [...new Set(items.map(({ topic }) => topic))];
    const cluster = await this.#wire.metadata(topics, refresh);
    const asked = new Map<NodeId, T[]>();
    for (const item of items) {
      const { topic, partition } = item;
      const leader = cluster.topics.get(topic)?.partitions.get(partition)?.leader;
      if (leader === undefined || leader < 0) {
        const errorCode = leader === undefined ? unknownTopic : 5;
        throw partitionFailure({ topic, partition, errorCode });
      }
      const known = asked.get(leader);
      if (known === undefined) asked.set(leader, [item]);
      else known.push(item);
    }
    return asked;
  }
}

function timestampOf(at: OffsetSpec): number {
  if (at === 'earliest') return earliest;
  return at === 'latest' ? latest : at.timestampMs;
}

function describe({ topic, partitions }: TopicMeta): TopicDescription {
  return {
    topic,
    partitions: [...partitions.values()]
      .map(({ partition, leader, replicas, isr }) => ({ partition, leader, replicas, isr }))
      .sort((a, b) => a.partition - b.partition),
  };
}

/** Throws the first error that stands; one number may be let pass. */
function checkTopics(results: readonly TopicResult[], what: string, but = 0): void {
  for (const { topic, errorCode, errorMessage } of results) {
    if (errorCode === 0 || errorCode === but) continue;
    const why = errorMessage === null ? '' : `: ${errorMessage}`;
    throw kafkaErrorOf(errorCode, `The topic ${what}${why}. Check its name and options.`, {
      topic,
    });
  }
}

function partitionFailure({ topic, partition, errorCode }: PartitionError): Error {
  const advice = 'The partition did not answer. Check that the topic exists and has a leader.';
  return kafkaErrorOf(errorCode, advice, { topic, partition });
}
