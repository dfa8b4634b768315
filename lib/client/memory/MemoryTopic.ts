import type { NewTopic, TopicDescription } from '../KafkaClient.ts';
import { refused, unknownTopic } from './answers.ts';
import { checkConfig } from './configRules.ts';
import { MemoryLog } from './MemoryLog.ts';
import { parseSettings, topicDefaults } from './topicConfig.ts';
import { checkTopicName } from './topicName.ts';

/** A topic: its logs and its configuration. */
export class MemoryTopic {
  readonly name: string;
  readonly logs: MemoryLog[] = [];
  #config: Record<string, string>;

  constructor({ topic, partitions, config = {} }: NewTopic) {
    checkTopicName(topic);
    if (!(Number.isInteger(partitions) && partitions >= 1)) {
      throw refused(37, `A topic cannot have ${partitions} partitions: give it 1 or more`, topic);
    }
    checkConfig(config, topic);
    this.name = topic;
    this.#config = { ...config };
    this.grow(partitions);
  }

  get config(): Readonly<Record<string, string>> {
    return { ...topicDefaults, ...this.#config };
  }

  configure(config: Readonly<Record<string, string>>): void {
    checkConfig(config, this.name);
    Object.assign(this.#config, config);
    const settings = parseSettings(this.#config);
    for (const log of this.logs) log.settings = settings;
  }

  grow(count: number): void {
    if (!(Number.isInteger(count) && count >= this.logs.length)) {
      const message = `Partitions only grow: there are ${this.logs.length}, give more than that`;
      throw refused(37, message, this.name);
    }
    const settings = parseSettings(this.#config);
    for (let partition = this.logs.length; partition < count; partition++) {
      this.logs.push(new MemoryLog(this.name, partition, settings));
    }
  }

  log(partition: number): MemoryLog {
    const log = this.logs[partition];
    if (log === undefined) throw unknownTopic(this.name, partition);
    return log;
  }

  /** Wakes who reads it, to find it gone. */
  delete(): void {
    for (const log of this.logs) {
      log.isDeleted = true;
      for (const watcher of log.watchers) watcher();
    }
  }

  describe(): TopicDescription {
    const partitions = this.logs.map(({ partition }) => {
      return { partition, leader: 0, replicas: [0], isr: [0] };
    });
    return { topic: this.name, partitions };
  }
}
