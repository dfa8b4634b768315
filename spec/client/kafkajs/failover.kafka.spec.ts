import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KafkaConnection } from '../../../lib/client/KafkaClient.ts';
import { kafkajs } from '../../../lib/client/kafkajs/index.ts';
import { KafkajsWire } from '../../../lib/client/kafkajs/KafkajsWire.ts';
import { systemClock, systemRandom } from '../../../lib/model/clock.ts';
import { Copier } from './failover/Copier.ts';
import { ThreeBrokers } from './failover/ThreeBrokers.ts';
import { Watcher } from './failover/Watcher.ts';
import { numberOf, Writer } from './failover/Writer.ts';

const faults = Number(process.env.FAILOVERS ?? 3);
const partitions = 3;
const groupId = 'copier';
const transactionalId = 'copier-1';
const kinds = ['leader', 'group coordinator', 'transaction coordinator'] as const;

let cluster: ThreeBrokers;
let connection: KafkaConnection;
let wire: KafkajsWire;

const sleep = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

/** The number of the broker that a fault of this kind takes. */
async function victimOf(kind: (typeof kinds)[number], turn: number): Promise<number> {
  if (kind === 'leader') {
    const described = (await connection.admin.describeTopics(['numbers'])).get('numbers');
    const partition = turn % partitions;
    return described?.partitions.find((one) => one.partition === partition)?.leader ?? -1;
  }
  const which = kind === 'group coordinator' ? 'group' : 'transaction';
  const key = which === 'group' ? groupId : transactionalId;
  wire.forgetCoordinator(which, key);
  return wire.coordinator(which, key);
}

/** Every replica is in sync again: another broker may be lost. */
async function whole(): Promise<void> {
  const topics = ['numbers', 'copies', '__consumer_offsets', '__transaction_state'];
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const described = await connection.admin.describeTopics(topics).catch(() => new Map());
    const all = [...described.values()].flatMap(({ partitions: some }) => some);
    if (described.size === topics.length && all.every(({ isr }) => isr.length === 3)) return;
    await sleep(200);
  }
  throw new Error('The brokers did not come in sync again.');
}

async function readCopies(): Promise<readonly (readonly number[])[]> {
  const tps = Array.from({ length: partitions }, (_, partition) => ({
    topic: 'copies',
    partition,
  }));
  const ends = await connection.admin.listOffsets(tps, 'latest', 'read-committed');
  const reader = connection.reader({ isolation: 'read-committed' });
  reader.assign(tps.map((tp) => ({ ...tp, offset: 0 })));
  const found: number[][] = tps.map(() => []);
  const isBehind = () =>
    tps.some((tp) => reader.position(tp) < (ends.get(`copies-${tp.partition}`) ?? 0));
  while (isBehind()) {
    for (const { partition, records } of await reader.poll(500)) {
      for (const { value } of records) found[partition]?.push(numberOf(value));
    }
  }
  await reader.close();
  return found;
}

/** The first place where a partition does not count up by one, in words. */
function firstWrong(numbers: readonly number[]): string | null {
  const at = numbers.findIndex((number, n) => number !== n);
  return at < 0 ? null : `place ${at} of ${numbers.length} has ${numbers[at]}`;
}

async function until(isSo: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (Date.now() < end) {
    if (await isSo()) return true;
    await sleep(100);
  }
  return false;
}

describe('three brokers, one of them lost at a time', () => {
  beforeAll(async () => {
    cluster = await ThreeBrokers.start();
    const options = { brokers: cluster.brokers };
    connection = await kafkajs(options).connect();
    const tools = { clock: systemClock, random: systemRandom };
    wire = new KafkajsWire({ options, clientId: 'failover', ...tools });
    await wire.connect();
    await connection.admin.createTopics([
      { topic: 'numbers', partitions, replicationFactor: 3 },
      { topic: 'copies', partitions, replicationFactor: 3 },
    ]);
  }, 120_000);

  afterAll(async () => {
    await wire?.close();
    await connection?.close();
    await cluster?.stop();
  }, 60_000);

  it(
    `nothing is lost, doubled or out of order in ${faults} faults`,
    async () => {
      const writer = new Writer(connection, 'numbers', partitions);
      const watcher = new Watcher(connection, 'numbers', partitions);
      const copier = new Copier({
        ...{ connection, from: 'numbers', to: 'copies', groupId, transactionalId },
      });
      for (const one of [writer, watcher, copier]) one.start();
      expect(await until(() => copier.commits > 5, 30_000)).toBe(true);
      const taken: string[] = [];
      for (let fault = 0; fault < faults; fault++) {
        await whole();
        const kind = kinds[fault % kinds.length] as (typeof kinds)[number];
        const victim = await victimOf(kind, Math.floor(fault / kinds.length));
        await cluster.kill(victim);
        // Work goes on without it, on all partitions, before it comes back.
        const [sent, commits] = [[...watcher.next], copier.commits];
        const goesOn = () =>
          copier.commits > commits + 3 && watcher.next.every((n, p) => n > (sent[p] ?? 0) + 100);
        const went = await until(goesOn, 40_000);
        taken.push(`${kind}: ${victim}${went ? '' : ', nothing went on'}`);
        expect({ taken, failures: [writer.failure, copier.failure] }).toMatchObject({
          failures: [null, null],
        });
        expect(went).toBe(true);
        await cluster.restart(victim);
      }
      await writer.stop();
      const total = writer.sent.reduce((sum, n) => sum + n, 0);
      const isRead = () => writer.sent.every((n, p) => watcher.next[p] === n);
      await until(isRead, 20_000);
      await until(async () => {
        const offsets = await connection.admin.listGroupOffsets(groupId);
        return writer.sent.every((n, p) => offsets.get(`numbers-${p}`)?.offset === n);
      }, 20_000);
      for (const one of [watcher, copier]) await one.stop();
      const offsets = await connection.admin.listGroupOffsets(groupId);
      const copies = await readCopies();
      process.stderr.write(
        `${JSON.stringify({
          records: total,
          faults: taken,
          longestPauseMs: {
            acknowledged: writer.acked.longestMs,
            read: watcher.came.longestMs,
            transaction: copier.committed.longestMs,
          },
          transactions: { committed: copier.commits, aborted: copier.aborts },
          producers: copier.producers,
        })}\n`,
      );
      expect([writer.failure, copier.failure]).toEqual([null, null]);
      expect(watcher.wrong.slice(0, 5)).toEqual([]);
      expect(watcher.next).toEqual(writer.sent);
      expect(copies.map(firstWrong)).toEqual(copies.map(() => null));
      expect(copies.map(({ length }) => length)).toEqual(writer.sent);
      const positions = writer.sent.map((_, p) => offsets.get(`numbers-${p}`)?.offset);
      expect(positions).toEqual(writer.sent);
    },
    60_000 + faults * 60_000,
  );
});
