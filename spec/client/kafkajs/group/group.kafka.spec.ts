import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, type Admin as KafkajsAdmin, logLevel } from 'kafkajs';
import type {
  Assignor,
  Fetched,
  GroupAssignment,
  GroupMember,
  PartitionReader,
} from '../../../../lib/client/KafkaClient.ts';
import { GroupCoordinator } from '../../../../lib/client/kafkajs/group/GroupCoordinator.ts';
import {
  alterGroupOffsets,
  deleteGroups,
  describeGroups,
  listGroupOffsets,
  listGroups,
} from '../../../../lib/client/kafkajs/group/groupAdmin.ts';
import { leaveGroup } from '../../../../lib/client/kafkajs/group/groupRequests.ts';
import { KafkajsGroupConsumer } from '../../../../lib/client/kafkajs/group/KafkajsGroupConsumer.ts';
import { Pauses } from '../../../../lib/client/kafkajs/group/Pauses.ts';
import { KafkajsWire } from '../../../../lib/client/kafkajs/KafkajsWire.ts';
import { systemClock } from '../../../../lib/model/clock.ts';
import { partitionKey, type TopicPartition } from '../../../../lib/model/topicPartition.ts';

const brokers = (process.env.KAFKA_BROKERS ?? 'localhost:9092').split(',');
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Everyone keeps what it has up to an equal share; the rest goes to whoever has least. */
const sticky = (said: string): Assignor => ({
  name: 'sticky',
  userData: () => Buffer.from(said),
  assign(members, counts) {
    const free = [...counts].flatMap(([topic, n]) =>
      Array.from({ length: n }, (_, partition) => ({ topic, partition })),
    );
    const share = Math.ceil(free.length / members.length);
    const shares = members.map((member) => ({ member, partitions: [] as TopicPartition[] }));
    for (const one of shares) {
      for (const tp of one.member.owned.slice(0, share)) {
        const at = free.findIndex((other) => partitionKey(other) === partitionKey(tp));
        if (at >= 0) one.partitions.push(...free.splice(at, 1));
      }
    }
    for (const tp of free) {
      shares.sort((a, b) => a.partitions.length - b.partitions.length);
      shares[0]?.partitions.push(tp);
    }
    return new Map(
      shares.map(({ member, partitions }) => [member.memberId, told(member, partitions)]),
    );
  },
});

function told({ userData }: GroupMember, partitions: TopicPartition[]): GroupAssignment {
  return { partitions, userData: Buffer.from(`you said ${Buffer.from(userData)}`) };
}

/** Fetches nothing: these specs are about membership. */
class IdleReader implements PartitionReader {
  #at = new Map<string, number>();
  #wake = (): void => {};
  assign(positions: readonly (TopicPartition & { readonly offset: number })[]): void {
    this.#at = new Map(positions.map((p) => [partitionKey(p), p.offset]));
  }
  seek(tp: TopicPartition, offset: number): void {
    this.#at.set(partitionKey(tp), offset);
  }
  position(tp: TopicPartition): number {
    return this.#at.get(partitionKey(tp)) as number;
  }
  pause(): void {}
  resume(): void {}
  poll(maxWaitMs: number): Promise<readonly Fetched[]> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve([]), maxWaitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve([]);
      };
    });
  }
  wakeup(): void {
    this.#wake();
  }
  async close(): Promise<void> {
    this.#wake();
  }
}

let wire: KafkajsWire;
let admin: KafkajsAdmin;
let lanes = 0;

class Member {
  readonly name: string;
  readonly group: KafkajsGroupConsumer;
  readonly log: string[] = [];
  readonly owned = new Set<string>();
  readonly userData: string[] = [];
  rejoins = 0;
  failure: unknown = null;
  readonly #owners: Map<string, string>;
  #running = true;
  #done: Promise<void> = Promise.resolve();

  constructor(
    name: string,
    groupId: string,
    topic: string,
    o: {
      readonly instanceId?: string;
      readonly sessionMs?: number;
      readonly restoreMs?: number;
      readonly metadataCheckMs?: number;
      readonly owners?: Map<string, string>;
    } = {},
  ) {
    const { owners = new Map<string, string>(), restoreMs = 0, metadataCheckMs, ...rest } = o;
    this.name = name;
    this.#owners = owners;
    this.group = new KafkajsGroupConsumer({
      options: {
        groupId,
        topics: [topic],
        isolation: 'read-committed',
        assignor: sticky(name),
        sessionMs: 6_000,
        heartbeatMs: 100,
        rebalanceMs: 20_000,
        ...rest,
        onRejoin: async () => {
          this.rejoins += 1;
        },
        onAssigned: async ({ added, revoked, userData }) => {
          for (const tp of revoked) {
            owners.delete(partitionKey(tp));
            this.owned.delete(partitionKey(tp));
          }
          for (const tp of added) {
            const owner = owners.get(partitionKey(tp));
            if (owner !== undefined)
              this.failure = new Error(`${owner} still owns ${tp.partition}`);
            owners.set(partitionKey(tp), name);
            this.owned.add(partitionKey(tp));
            this.group.seek(tp, 0);
          }
          this.userData.push(Buffer.from(userData).toString());
          this.log.push(`+${added.length} -${revoked.length}`);
          await sleep(restoreMs);
        },
        onLost: async () => {
          this.log.push('lost');
          this.owned.clear();
        },
      },
      reader: new IdleReader(),
      coordinator: new GroupCoordinator(wire, groupId, `spec-${lanes++}`),
      clock: systemClock,
      pauses: new Pauses(systemClock, Math.random),
      ...(metadataCheckMs === undefined ? {} : { metadataCheckMs }),
    });
  }

  start(): this {
    this.#running = true;
    this.#done = (async () => {
      while (this.#running) await this.group.poll(50);
    })().catch((error: unknown) => {
      this.failure = error;
    });
    return this;
  }

  /** Polls no more, and stays a member. */
  async halt(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  async stop(o?: { readonly remain?: boolean }): Promise<void> {
    await this.halt();
    for (const key of this.owned) this.#owners.delete(key);
    await this.group.close(o);
  }
}

async function until(what: () => boolean, ms = 20_000): Promise<void> {
  const end = Date.now() + ms;
  while (!what()) {
    if (Date.now() > end) throw new Error(`Not within ${ms} ms: ${what}`);
    await sleep(10);
  }
}

async function newTopic(numPartitions: number): Promise<string> {
  const topic = `group-spec-${randomUUID()}`;
  await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
  return topic;
}

const sizes = (members: readonly Member[]) => members.map(({ owned }) => owned.size);

beforeAll(async () => {
  wire = new KafkajsWire({
    options: { brokers },
    clientId: 'group-spec',
    clock: systemClock,
    random: Math.random,
  });
  await wire.connect();
  admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});

afterAll(async () => {
  await admin.disconnect();
  await wire.close();
});

describe('KafkajsGroupConsumer on a broker', () => {
  it('spreads 6 partitions 6, 3+3, 2+2+2 and moves only what must', async () => {
    const [topic, groupId] = [await newTopic(6), randomUUID()];
    const owners = new Map<string, string>();
    const a = new Member('a', groupId, topic, { owners }).start();
    await until(() => a.owned.size === 6);
    const b = new Member('b', groupId, topic, { owners }).start();
    await until(() => sizes([a, b]).join() === '3,3' && !a.group.isRejoining);
    const c = new Member('c', groupId, topic, { owners }).start();
    await until(() => sizes([a, b, c]).join() === '2,2,2');
    await sleep(500);
    const moves = (log: readonly string[]) => log.filter((line) => line !== '+0 -0');
    expect(moves(a.log)).toEqual(['+6 -0', '+0 -3', '+0 -1']);
    expect(moves(b.log)).toEqual(['+3 -0', '+0 -1']);
    expect(moves(c.log)).toEqual(['+2 -0']);
    expect([a, b, c].map(({ userData, name }) => userData.at(-1) === `you said ${name}`)).toEqual([
      true,
      true,
      true,
    ]);
    await b.stop();
    await until(() => sizes([a, c]).join() === '3,3');
    expect([a, b, c].map(({ failure }) => failure)).toEqual([null, null, null]);
    const [described] = await describeGroups(wire, [groupId]);
    expect(described).toMatchObject({ groupId, state: 'Stable', protocol: 'sticky' });
    expect(described?.members).toHaveLength(2);
    await Promise.all([a.stop(), c.stop()]);
    expect((await describeGroups(wire, [groupId]))[0]?.members).toEqual([]);
  });

  it('lets a static member come back to what it had, without a round', async () => {
    const [topic, groupId] = [await newTopic(4), randomUUID()];
    const a = new Member('a', groupId, topic, { instanceId: 'one' }).start();
    const b = new Member('b', groupId, topic, { instanceId: 'two' }).start();
    await until(() => sizes([a, b]).join() === '2,2' && !a.group.isRejoining);
    const { generation, memberId } = a.group.groupMetadata();
    const had = [...a.owned];
    const rejoins = b.rejoins;
    await a.stop();
    const again = new Member('a', groupId, topic, { instanceId: 'one' }).start();
    await until(() => again.owned.size === 2);
    expect([...again.owned].sort()).toEqual(had.sort());
    expect(again.group.groupMetadata().generation).toBe(generation);
    expect(again.group.groupMetadata().memberId).not.toBe(memberId);
    expect(b.rejoins).toBe(rejoins);
    const twin = new Member('a', groupId, topic, { instanceId: 'one' }).start();
    await until(() => again.failure !== null);
    expect(again.failure).toMatchObject({ code: 'FENCED' });
    expect(again.log.at(-1)).toBe('lost');
    await Promise.all([again.stop(), b.stop({ remain: false }), twin.stop({ remain: false })]);
    expect((await describeGroups(wire, [groupId]))[0]?.members).toEqual([]);
  });

  it('speaks to brokers that know the lowest versions only', async () => {
    const [topic, groupId] = [await newTopic(4), randomUUID()];
    const newest = wire;
    wire = Object.create(newest, {
      apiVersion: { value: async (_node: number, _key: number, lowest: number) => lowest },
      ...Object.fromEntries(
        (['request', 'metadata', 'coordinator', 'forgetCoordinator', 'closeLane'] as const).map(
          (name) => [name, { value: (newest[name] as () => unknown).bind(newest) }],
        ),
      ),
    });
    const a = new Member('a', groupId, topic, { instanceId: 'one' }).start();
    const b = new Member('b', groupId, topic).start();
    wire = newest;
    await until(() => sizes([a, b]).join() === '2,2' && !a.group.isRejoining);
    await a.stop();
    await b.stop();
    expect([a.failure, b.failure]).toEqual([null, null]);
  });

  it('stays a member while onAssigned takes longer than the session', async () => {
    const [topic, groupId] = [await newTopic(2), randomUUID()];
    const a = new Member('a', groupId, topic, { restoreMs: 9_000 }).start();
    await until(() => a.log.length > 0);
    await until(() => !a.group.isRejoining);
    await sleep(9_500);
    await a.group.commit([{ topic, partition: 0, offset: 5 }]);
    expect(a.log).toEqual(['+2 -0']);
    await a.stop();
  });

  it('tells a member that the group went on without it, and fences its commits', async () => {
    const [topic, groupId] = [await newTopic(2), randomUUID()];
    const a = new Member('a', groupId, topic).start();
    await until(() => a.owned.size === 2);
    await a.group.commit([{ topic, partition: 0, offset: 3, metadata: 'mine' }]);
    const { memberId } = a.group.groupMetadata();
    await a.halt();
    const evict = new GroupCoordinator(wire, groupId, 'evict');
    await evict.send(leaveGroup, { groupId, members: [{ memberId, instanceId: null }] });
    await expect(a.group.commit([{ topic, partition: 0, offset: 9 }])).rejects.toMatchObject({
      code: 'GROUP_GENERATION_LOST',
    });
    a.start();
    await until(() => a.log.length === 3);
    expect(a.log).toEqual(['+2 -0', 'lost', '+2 -0']);
    expect(await a.group.committed([{ topic, partition: 0 }])).toEqual(
      new Map([[`${topic}-0`, { topic, partition: 0, offset: 3, metadata: 'mine' }]]),
    );
    await a.stop();
  });

  it('decides again when a topic grows', async () => {
    const [topic, groupId] = [await newTopic(2), randomUUID()];
    const a = new Member('a', groupId, topic, { metadataCheckMs: 500 }).start();
    await until(() => a.owned.size === 2);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
    await until(() => a.owned.size === 5);
    expect(a.log).toEqual(['+2 -0', '+3 -0']);
    await a.stop();
  });

  it('joins while its topic does not exist, and gets it when it does', async () => {
    const [topic, groupId] = [`group-spec-late-${randomUUID()}`, randomUUID()];
    const a = new Member('a', groupId, topic, { metadataCheckMs: 500 }).start();
    await until(() => a.log.length === 1);
    expect(a.owned.size).toBe(0);
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
    await until(() => a.owned.size === 3);
    await a.stop();
  });

  it('closes within its time while a round is under way', async () => {
    const [topic, groupId] = [await newTopic(2), randomUUID()];
    const a = new Member('a', groupId, topic).start();
    await until(() => a.owned.size === 2);
    await a.halt();
    const b = new Member('b', groupId, topic).start();
    await sleep(1_000);
    const late = b.group.commit([{ topic, partition: 0, offset: 1 }]);
    const before = Date.now();
    await Promise.all([b.stop(), expect(late).rejects.toMatchObject({ code: 'CLIENT_CLOSED' })]);
    expect(Date.now() - before).toBeLessThan(1_000);
    await a.group.close();
    expect((await describeGroups(wire, [groupId]))[0]?.members).toEqual([]);
  });

  it('lists, describes and deletes groups, and reads and writes their offsets', async () => {
    const [topic, groupId] = [await newTopic(2), randomUUID()];
    const row = (partition: number, offset: number, metadata = '') => ({
      topic,
      partition,
      offset,
      metadata,
    });
    await alterGroupOffsets(wire, groupId, [row(0, 4), row(1, 6, 'note')]);
    expect(await listGroups(wire)).toContain(groupId);
    expect([...(await listGroupOffsets(wire, groupId)).values()]).toEqual([
      row(0, 4),
      row(1, 6, 'note'),
    ]);
    const a = new Member('a', groupId, topic).start();
    await until(() => a.owned.size === 2);
    const refused = alterGroupOffsets(wire, groupId, [row(0, 1)]);
    await expect(refused).rejects.toThrow(/it has members/);
    await expect(deleteGroups(wire, [groupId])).rejects.toMatchObject({ kafkaCode: 68 });
    await a.stop();
    await deleteGroups(wire, [groupId]);
    await deleteGroups(wire, [groupId]);
    expect(await listGroups(wire)).not.toContain(groupId);
    expect((await listGroupOffsets(wire, groupId)).size).toBe(0);
    expect(await describeGroups(wire, [groupId])).toMatchObject([{ state: 'Dead', members: [] }]);
  });
});
