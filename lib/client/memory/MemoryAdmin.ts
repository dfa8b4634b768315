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
import { refused, unknownMember, unknownTopic } from './answers.ts';
import type { Link } from './Link.ts';
import type { MemoryGroup } from './MemoryGroup.ts';
import type { MemoryLog } from './MemoryLog.ts';
import type { MemoryTopic } from './MemoryTopic.ts';

/** What an administrator sees of the cluster. */
export interface AdminHome {
  readonly topics: ReadonlyMap<string, MemoryTopic>;
  readonly groups: ReadonlyMap<string, MemoryGroup>;
  createTopic(topic: NewTopic): boolean;
  deleteTopic(topic: string): void;
  group(groupId: string): MemoryGroup;
  deleteGroup(groupId: string): void;
}

/** Administration: each call does its work at once. */
export class MemoryAdmin implements Admin {
  readonly #link: Link;
  readonly #home: AdminHome;

  constructor(link: Link, home: AdminHome) {
    this.#link = link;
    this.#home = home;
  }

  createTopics(topics: readonly NewTopic[]): Promise<readonly string[]> {
    return this.#call('createTopics', () => {
      const made: string[] = [];
      const errors: unknown[] = [];
      // Each for itself, as brokers do: one that is refused keeps no other from being made.
      for (const topic of topics) {
        try {
          if (this.#home.createTopic(topic)) made.push(topic.topic);
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
      return made;
    });
  }

  createPartitions(topic: string, count: number): Promise<void> {
    return this.#call(topic, () => {
      const found = this.#topic(topic);
      if (count === found.logs.length) throw refused(37, `There are ${count} already`, topic);
      found.grow(count);
    });
  }

  deleteTopics(topics: readonly string[]): Promise<void> {
    return this.#call('deleteTopics', () => {
      for (const topic of topics) this.#home.deleteTopic(topic);
    });
  }

  listTopics(): Promise<readonly string[]> {
    return this.#call('listTopics', () => [...this.#home.topics.keys()]);
  }

  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>> {
    return this.#call('describeTopics', () => {
      const descriptions = new Map<string, TopicDescription>();
      for (const topic of topics) {
        const found = this.#home.topics.get(topic);
        if (found !== undefined) descriptions.set(topic, found.describe());
      }
      return descriptions;
    });
  }

  describeConfigs(topic: string): Promise<Readonly<Record<string, string>>> {
    return this.#call(topic, () => this.#topic(topic).config);
  }

  alterConfigs(topic: string, config: Readonly<Record<string, string>>): Promise<void> {
    return this.#call(topic, () => this.#topic(topic).configure(config));
  }

  deleteRecords(before: readonly PartitionOffset[]): Promise<void> {
    return this.#call('deleteRecords', () => {
      const logs = before.map((tp) => this.#log(tp));
      logs.forEach((log, i) => {
        log.deleteBefore((before[i] as PartitionOffset).offset);
      });
    });
  }

  listOffsets(
    tps: readonly TopicPartition[],
    at: OffsetSpec,
    isolation: Isolation = 'read-uncommitted',
  ): Promise<ReadonlyMap<string, number>> {
    return this.#call('listOffsets', () => {
      return new Map(tps.map((tp) => [partitionKey(tp), offsetOf(this.#log(tp), at, isolation)]));
    });
  }

  listGroups(): Promise<readonly string[]> {
    return this.#call('listGroups', () => [...this.#home.groups.keys()]);
  }

  describeGroups(groupIds: readonly string[]): Promise<readonly GroupDescription[]> {
    return this.#call('describeGroups', () => {
      return groupIds.map((groupId): GroupDescription => {
        const group = this.#home.groups.get(groupId);
        return group?.describe() ?? { groupId, state: 'Dead', protocol: '', members: [] };
      });
    });
  }

  listGroupOffsets(groupId: string): Promise<ReadonlyMap<string, PartitionOffset>> {
    return this.#call(groupId, () => this.#home.groups.get(groupId)?.offsets.all() ?? new Map());
  }

  alterGroupOffsets(groupId: string, offsets: readonly PartitionOffset[]): Promise<void> {
    return this.#call(groupId, () => {
      for (const tp of offsets) this.#log(tp);
      const group = this.#home.group(groupId);
      if (group.hasMembers) throw unknownMember(groupId);
      group.offsets.commit(offsets);
    });
  }

  deleteGroups(groupIds: readonly string[]): Promise<void> {
    return this.#call('deleteGroups', () => {
      for (const groupId of groupIds) {
        const isUsed = this.#home.groups.get(groupId)?.hasMembers === true;
        if (isUsed) throw refused(68, `Group ${groupId} has members: close them first`);
      }
      for (const groupId of groupIds) this.#home.deleteGroup(groupId);
    });
  }

  #call<T>(target: string, work: () => T): Promise<T> {
    return this.#link.call('admin', target, work);
  }

  #topic(topic: string): MemoryTopic {
    const found = this.#home.topics.get(topic);
    if (found === undefined) throw unknownTopic(topic);
    return found;
  }

  #log({ topic, partition }: TopicPartition): MemoryLog {
    return this.#topic(topic).log(partition);
  }
}

function offsetOf(log: MemoryLog, at: OffsetSpec, isolation: Isolation): number {
  if (at === 'earliest') return log.startOffset;
  if (at === 'latest') return log.endFor(isolation);
  return log.offsetAt(at.timestampMs, isolation);
}
