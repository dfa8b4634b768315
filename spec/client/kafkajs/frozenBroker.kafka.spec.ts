import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { balancedAssignor } from '../../../lib/client/balancedAssignor.ts';
import type { KafkaConnection } from '../../../lib/client/KafkaClient.ts';
import { kafkajs } from '../../../lib/client/kafkajs/index.ts';
import { ThreeBrokers } from './failover/ThreeBrokers.ts';

const topic = 'stalled';
const partitions = [0, 1, 2];
const frozenMs = 12_000;
const sleep = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

let cluster: ThreeBrokers;
let connection: KafkaConnection;

beforeAll(async () => {
  cluster = await ThreeBrokers.start();
  connection = await kafkajs({ brokers: cluster.brokers }).connect();
  await connection.admin.createTopics([
    { topic, partitions: partitions.length, replicationFactor: 3 },
  ]);
});
afterAll(async () => {
  await connection?.close();
  await cluster?.stop();
});

/** Who leads a partition. */
async function leaderOf(partition: number): Promise<number> {
  const described = (await connection.admin.describeTopics([topic])).get(topic);
  return described?.partitions.find((one) => one.partition === partition)?.leader ?? -1;
}

// A killed broker hangs up, and is missed at once. One that stalls is fenced by the others after a
// while, and leaves their list while requests to it are under way.
it('a broker that stalls and comes back ends no producer, reader or member', async () => {
  const failures: unknown[] = [];
  const failed = (error: unknown): void => void failures.push(error);
  let isOn = true;

  const sent = partitions.map(() => 0);
  const producer = connection.producer();
  const writing = (async () => {
    const acknowledged: Promise<unknown>[] = [];
    for (let n = 0; isOn; n++) {
      const partition = n % partitions.length;
      const value = new TextEncoder().encode(`${sent[partition]}`);
      sent[partition] = (sent[partition] ?? 0) + 1;
      const records = [{ key: null, value, timestamp: Date.now() }];
      acknowledged.push(producer.send([{ topic, partition, records }]).catch(failed));
      await sleep(20);
    }
    await Promise.all(acknowledged);
  })();

  const seen = partitions.map((): string[] => []);
  const reader = connection.reader({ isolation: 'read-uncommitted' });
  reader.assign(partitions.map((partition) => ({ topic, partition, offset: 0 })));
  const isAllRead = (): boolean => sent.every((count, p) => seen[p]?.length === count);
  const reading = (async () => {
    while (isOn || !isAllRead()) {
      for (const { partition, records } of await reader.poll(200)) {
        for (const { value } of records) seen[partition]?.push(`${Buffer.from(value ?? [])}`);
      }
    }
  })().catch(failed);

  const member = connection.group({
    groupId: 'stalled',
    topics: [topic],
    isolation: 'read-uncommitted',
    assignor: balancedAssignor,
    onRejoin: async () => {},
    onLost: async () => {},
    onAssigned: async ({ added }) => {
      for (const tp of added) member.seek(tp, 0);
    },
  });
  const joining = (async () => {
    while (isOn) await member.poll(200);
  })().catch(failed);

  await sleep(2_000);
  const victim = await leaderOf(0);
  cluster.freeze(victim);
  const until = Date.now() + frozenMs;
  // Whoever asks for metadata meanwhile learns that it is gone.
  while (Date.now() < until) {
    await connection.admin.describeTopics([topic]).catch(() => {});
    await sleep(500);
  }
  expect(await leaderOf(0)).not.toBe(victim);
  cluster.thaw(victim);
  await sleep(3_000);
  isOn = false;
  await Promise.all([writing, reading, joining]);
  expect(failures).toEqual([]);
  expect(seen).toEqual(sent.map((count) => Array.from({ length: count }, (_, n) => `${n}`)));
});
