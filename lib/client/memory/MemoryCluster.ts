import type { Clock } from '../../model/clock.ts';
import type { TopicPartition } from '../../model/topicPartition.ts';
import type { LogRecord, NewRecord, NewTopic } from '../KafkaClient.ts';
import { refused, unknownTopic } from './answers.ts';
import { checkConfig } from './configRules.ts';
import type { Interceptor, Network } from './Link.ts';
import type { AdminHome } from './MemoryAdmin.ts';
import { MemoryGroup } from './MemoryGroup.ts';
import type { GroupHome } from './MemoryGroupConsumer.ts';
import type { MemoryLog } from './MemoryLog.ts';
import type { ProducerHome } from './MemoryProducer.ts';
import { MemoryTopic } from './MemoryTopic.ts';
import { MemoryTransactions } from './MemoryTransactions.ts';
import { checkTopicName, isTopicName, metricsName } from './topicName.ts';

/** Records that have come into a log. */
export interface Appended {
  readonly topic: string;
  readonly partition: number;
  readonly count: number;
  /** Made when asked for: while the listener is called, not later. */
  readonly records: readonly LogRecord[];
}

export interface MemoryClusterOptions {
  readonly clock: Clock;
  readonly autoCreateTopics: boolean;
  readonly defaultPartitions: number;
  readonly topicConfig: Readonly<Record<string, string>>;
  readonly groupInitialDelayMs: number;
}

/** The brokers: what all connections share. */
export class MemoryCluster implements Network, AdminHome, GroupHome, ProducerHome {
  unreachable: boolean = false;
  intercept: Interceptor | null = null;
  readonly topics: Map<string, MemoryTopic> = new Map();
  readonly groups: Map<string, MemoryGroup> = new Map();
  readonly transactions: MemoryTransactions;
  readonly listeners: Set<(appended: Appended) => void> = new Set();
  readonly #options: MemoryClusterOptions;

  constructor(options: MemoryClusterOptions) {
    checkConfig(options.topicConfig);
    this.#options = options;
    this.transactions = new MemoryTransactions(options.clock, (log, records, producerId) => {
      return this.appendTo(log, records, producerId);
    });
  }

  createTopic(topic: NewTopic): boolean {
    if (this.topics.has(topic.topic)) return false;
    const config = { ...this.#options.topicConfig, ...topic.config };
    const made = new MemoryTopic({ ...topic, config });
    this.#checkUnlike(topic.topic);
    this.topics.set(topic.topic, made);
    return true;
  }

  deleteTopic(topic: string): void {
    this.topics.get(topic)?.delete();
    this.topics.delete(topic);
    for (const group of this.groups.values()) group.offsets.dropTopic(topic);
  }

  /** A topic; made here where topics make themselves. */
  topic(topic: string): MemoryTopic {
    const found = this.#lookUp(topic);
    if (found !== undefined) return found;
    checkTopicName(topic);
    throw unknownTopic(topic);
  }

  readonly find = (topic: string, partition: number): MemoryLog | undefined => {
    return this.#lookUp(topic)?.logs[partition];
  };

  has({ topic, partition }: TopicPartition): boolean {
    return this.topics.get(topic)?.logs[partition] !== undefined;
  }

  partitionCounts(topics: readonly string[]): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const topic of topics) {
      const found = this.#lookUp(topic);
      if (found !== undefined) counts.set(topic, found.logs.length);
    }
    return counts;
  }

  logToWrite(topic: string, partition: number): MemoryLog {
    return this.topic(topic).log(partition);
  }

  appendTo(log: MemoryLog, records: readonly NewRecord[], producerId: number | null): number {
    const first = log.append(records, this.#options.clock.now(), producerId);
    if (this.listeners.size > 0 && records.length > 0) {
      const { topic, partition } = log;
      const appended: Appended = {
        topic,
        partition,
        count: records.length,
        get records() {
          return log.recordsFrom(first);
        },
      };
      for (const listener of this.listeners) listener(appended);
    }
    return first;
  }

  group(groupId: string): MemoryGroup {
    let group = this.groups.get(groupId);
    if (group === undefined) {
      group = new MemoryGroup(groupId, this.#options.clock, this.#options.groupInitialDelayMs);
      this.groups.set(groupId, group);
    }
    return group;
  }

  deleteGroup(groupId: string): void {
    this.groups.delete(groupId);
  }

  maintain(): void {
    for (const { logs } of this.topics.values()) {
      for (const log of logs) log.maintain(this.#options.clock.now());
    }
  }

  #lookUp(topic: string): MemoryTopic | undefined {
    const { autoCreateTopics, defaultPartitions } = this.#options;
    if (autoCreateTopics && isTopicName(topic)) {
      this.createTopic({ topic, partitions: defaultPartitions });
    }
    return this.topics.get(topic);
  }

  #checkUnlike(topic: string): void {
    const name = metricsName(topic);
    if (name === topic && !name.includes('_')) return;
    for (const other of this.topics.keys()) {
      if (metricsName(other) !== name) continue;
      const message = `'${topic}' and '${other}' differ in '.' and '_' alone: take another name`;
      throw refused(17, message);
    }
  }
}
