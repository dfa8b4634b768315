import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { firstValueFrom, toArray } from 'rxjs';
import type { KafkaConnection } from '../../lib/client/KafkaClient.ts';
import { partition } from '../../lib/client/partition.ts';
import { type Produced, produce } from '../../lib/client/produce.ts';
import { kafkajs } from '../../lib/kafkajs.ts';
import type { KRecord } from '../../lib/model/record.ts';
import type { Topic } from '../../lib/serde/handles.ts';
import { killAll } from './Instance.ts';

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something is so. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await sleep(100);
  }
}

/** Topics and folders of one spec on a broker, read and written from outside the app. */
export class Workbench {
  readonly brokers: string;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'rxkstreams-broker-'));
  #connection: Promise<KafkaConnection> | null = null;

  constructor(brokers: string = process.env.KAFKA_BROKERS ?? 'localhost:9092') {
    this.brokers = brokers;
  }

  get client() {
    return kafkajs({ brokers: this.brokers.split(',') });
  }

  connection(): Promise<KafkaConnection> {
    this.#connection ??= this.client.connect();
    return this.#connection;
  }

  unique(name: string): string {
    return `${name}-${randomUUID().slice(0, 8)}`;
  }

  folder(name: string): string {
    return path.join(this.#folder, name);
  }

  async topic(
    name: string,
    partitions: number,
    config: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const topic = this.unique(name);
    const { admin } = await this.connection();
    await admin.createTopics([{ topic, partitions, config }]);
    return topic;
  }

  write<K, V>(to: Topic<K, V>, records: Iterable<Produced<K, V>>): Promise<void> {
    return produce(this.client, to, records);
  }

  /** All there is that is committed, partition after partition. */
  async read<K, V>(from: Topic<K, V>): Promise<readonly KRecord<K, V>[]> {
    const { admin } = await this.connection();
    const described = (await admin.describeTopics([from.topic])).get(from.topic);
    const all: KRecord<K, V>[] = [];
    for (const n of described?.partitions.keys() ?? []) {
      const one = partition(this.client, from, n, { to: 'end' });
      for (const record of await firstValueFrom(one.pipe(toArray()))) all.push(record);
    }
    return all;
  }

  /** How far the group has committed its way through a topic, all partitions together. */
  async committed(groupId: string, topic: string): Promise<number> {
    const { admin } = await this.connection();
    const offsets = await admin.listGroupOffsets(groupId);
    let sum = 0;
    for (const at of offsets.values()) if (at.topic === topic) sum += at.offset;
    return sum;
  }

  async members(groupId: string): Promise<number> {
    const { admin } = await this.connection();
    const [group] = await admin.describeGroups([groupId]);
    return group?.state === 'Stable' ? group.members.length : 0;
  }

  async close(): Promise<void> {
    await killAll();
    await (await this.#connection)?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
