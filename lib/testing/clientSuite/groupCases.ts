import { partitionKey } from '../../model/topicPartition.ts';
import { equal, rejects, text, truthy } from './check.ts';
import type { CaseDefinition, SuiteKit } from './SuiteKit.ts';
import type { SuiteMember } from './SuiteMember.ts';

/** Waits until these members own so many partitions each, and none is owned twice. */
export async function settled(
  kit: SuiteKit,
  members: readonly SuiteMember[],
  shares: readonly number[],
): Promise<void> {
  await kit.eventually(`members own ${shares.join(' and ')}`, () => {
    for (const member of members) member.throwIfFailed();
    const owned = members.map((member) => member.owned);
    const all = owned.flat();
    truthy(new Set(all).size === all.length, `no partition is owned twice: ${all}`);
    const counts = owned.map(({ length }) => length).sort();
    return counts.join() === [...shares].sort().join() && members.every(isAtRest);
  });
}

function isAtRest(member: SuiteMember): boolean {
  return !member.consumer.isRejoining;
}

export const groupCases: readonly CaseDefinition[] = [
  {
    name: 'a lone member gets all partitions, reads them from where it seeks, and commits',
    async run(kit) {
      const topic = await kit.topic(2);
      await kit.write(topic, ['a', 'b'], 0);
      await kit.write(topic, ['x'], 1);
      const groupId = kit.unique('group');
      const member = (await kit.member('one', { groupId, topics: [topic] })).start();
      await kit.eventually('all is read', () => {
        member.throwIfFailed();
        return member.records.length === 3;
      });
      equal(member.events.slice(0, 1), ['rejoin'], 'what came first');
      equal(member.owned, [`${topic}-0`, `${topic}-1`], 'partitions owned');
      const values = member.records.map(({ value }) => text(value)).sort();
      equal(values, ['a', 'b', 'x'], 'records');
      const tp = { topic, partition: 0 };
      equal((await member.consumer.committed([tp])).size, 0, 'committed before');
      await member.consumer.commit([{ ...tp, offset: 2, metadata: 'time 17 ü' }]);
      const committed = (await member.consumer.committed([tp])).get(partitionKey(tp));
      equal([committed?.offset, committed?.metadata], [2, 'time 17 ü'], 'committed after');
    },
  },
  {
    name: 'goes on from what was committed',
    async run(kit) {
      const topic = await kit.topic(1);
      await kit.write(topic, ['a', 'b', 'c']);
      const groupId = kit.unique('group');
      const first = (await kit.member('one', { groupId, topics: [topic] })).start();
      await settled(kit, [first], [1]);
      await first.consumer.commit([{ topic, partition: 0, offset: 2 }]);
      await first.stop();
      const second = (await kit.member('two', { groupId, topics: [topic] })).start();
      await kit.eventually('the rest is read', () => second.records.length > 0);
      equal(
        second.records.map(({ value }) => text(value)),
        ['c'],
        'records of the second',
      );
    },
  },
  {
    name: 'tells who speaks: group, member, generation',
    async run(kit) {
      const topic = await kit.topic(1);
      const groupId = kit.unique('group');
      const member = (await kit.member('one', { groupId, topics: [topic] })).start();
      await settled(kit, [member], [1]);
      const metadata = member.consumer.groupMetadata();
      equal([metadata.groupId, metadata.instanceId], [groupId, null], 'group and instance');
      truthy(metadata.memberId !== '' && metadata.generation >= 1, 'member and generation');
      const [group] = await (await kit.admin()).describeGroups([groupId]);
      equal([group?.state, group?.protocol], ['Stable', 'suite'], 'described');
      equal(
        group?.members.map(({ memberId }) => memberId),
        [metadata.memberId],
        'members described',
      );
    },
  },
  {
    name: 'shares partitions among members; user data goes both ways',
    async run(kit) {
      const topic = await kit.topic(4);
      const place = { groupId: kit.unique('group'), topics: [topic] };
      const a = (await kit.member('a', place)).start();
      const b = (await kit.member('b', place)).start();
      await settled(kit, [a, b], [2, 2]);
      await kit.eventually('both hear of both', () => {
        return a.notes.at(-1) === 'a of a+b' && b.notes.at(-1) === 'b of a+b';
      });
    },
  },
  {
    name: 'moves only what must move, and gives it up before its new owner has it',
    async run(kit) {
      const topic = await kit.topic(6);
      const place = { groupId: kit.unique('group'), topics: [topic] };
      const log: string[] = [];
      const noting = (name: string) => ({
        onAssigned: async (a: { added: readonly Tp[]; revoked: readonly Tp[] }) => {
          if (a.revoked.length > 0) await kit.sleep(100);
          log.push(...a.revoked.map((tp) => `${name}-${tp.partition}`));
          log.push(...a.added.map((tp) => `${name}+${tp.partition}`));
        },
      });
      const a = (await kit.member('a', { ...place, ...noting('a') })).start();
      await settled(kit, [a], [6]);
      const b = (await kit.member('b', { ...place, ...noting('b') })).start();
      await settled(kit, [a, b], [3, 3]);
      const c = (await kit.member('c', { ...place, ...noting('c') })).start();
      await settled(kit, [a, b, c], [2, 2, 2]);
      equal(log.filter((entry) => entry.includes('-')).length, 5, 'partitions moved: 3, then 2');
      const owners = new Map<string, string>();
      for (const entry of log) {
        const [name, sign, partition] = [entry.slice(0, 1), entry.slice(1, 2), entry.slice(2)];
        if (sign === '+') {
          truthy(!owners.has(partition), `${entry} while another owns it: ${log.join(' ')}`);
          owners.set(partition, name);
        } else {
          owners.delete(partition);
        }
      }
      truthy(!a.events.includes('lost') && !b.events.includes('lost'), 'nothing was lost');
    },
  },
  {
    name: 'keeps the positions of partitions that stay',
    async run(kit) {
      const topic = await kit.topic(4);
      const values = Array.from({ length: 10 }, (_, i) => `${i}`);
      for (const partition of [0, 1, 2, 3]) await kit.write(topic, values, partition);
      const place = { groupId: kit.unique('group'), topics: [topic] };
      const a = (await kit.member('a', place)).start();
      await kit.eventually('the first has read all', () => a.records.length === 40);
      const b = (await kit.member('b', place)).start();
      await settled(kit, [a, b], [2, 2]);
      await kit.eventually('the second has read its own', () => b.records.length >= 20);
      await kit.sleep(300);
      equal([a.records.length, b.records.length], [40, 20], 'records read');
    },
  },
  {
    name: 'hands on at once what a member leaves',
    async run(kit) {
      const topic = await kit.topic(2);
      // Who has to wait for the session timeout does not pass.
      const place = { groupId: kit.unique('group'), topics: [topic], sessionMs: 45_000 };
      const a = (await kit.member('a', place)).start();
      const b = (await kit.member('b', place)).start();
      await settled(kit, [a, b], [1, 1]);
      await a.stop();
      await settled(kit, [b], [2]);
    },
  },
  {
    name: 'takes part in a rebalance it asks for',
    async run(kit) {
      const topic = await kit.topic(1);
      const place = { groupId: kit.unique('group'), topics: [topic] };
      const member = (await kit.member('a', place)).start();
      await settled(kit, [member], [1]);
      const before = member.consumer.groupMetadata().generation;
      member.consumer.requestRejoin();
      truthy(member.consumer.isRejoining, 'it is rejoining');
      await kit.eventually('a new generation', () => {
        const { isRejoining } = member.consumer;
        return !isRejoining && member.consumer.groupMetadata().generation > before;
      });
      equal(member.events.filter((event) => event.startsWith('+')).length, 1, 'added once');
      await member.consumer.commit([{ topic, partition: 0, offset: 0 }]);
    },
  },
  {
    name: 'hands on what it gave up, also when its callback then fails',
    async run(kit) {
      const topic = await kit.topic(2);
      const place = { groupId: kit.unique('group'), topics: [topic] };
      let fails = true;
      const onAssigned = async ({ revoked }: { revoked: readonly Tp[] }): Promise<void> => {
        if (revoked.length === 0 || !fails) return;
        fails = false;
        throw new Error('the callback failed');
      };
      const a = (await kit.member('a', { ...place, onAssigned })).start();
      await settled(kit, [a], [2]);
      const b = (await kit.member('b', place)).start();
      await kit.eventually('the poll fails with what the callback threw', () => a.error !== null);
      equal(String(a.error), 'Error: the callback failed', 'error of the poll');
      a.start();
      await kit.eventually('the other has its share', () => b.owned.length === 1);
      equal(a.owned.length, 1, 'what is left');
    },
  },
  {
    name: 'refuses offsets of partitions that do not exist, and commits the others',
    async run(kit) {
      const topic = await kit.topic(1);
      const tp = { topic, partition: 0 };
      const place = { groupId: kit.unique('group'), topics: [topic] };
      const member = (await kit.member('a', place)).start();
      await settled(kit, [member], [1]);
      const missing = { topic: kit.unique('missing'), partition: 0, offset: 1 };
      const alone = member.consumer.commit([missing]);
      const error = await rejects(alone, ['UNKNOWN_TOPIC'], 'a topic that is not there');
      equal(error.kafkaCode, 3, 'Kafka code');
      const both = member.consumer.commit([{ ...tp, offset: 0 }, missing]);
      await rejects(both, ['UNKNOWN_TOPIC'], 'one of two');
      const beyond = member.consumer.commit([{ topic, partition: 1, offset: 1 }]);
      await rejects(beyond, ['UNKNOWN_TOPIC'], 'a partition that is not there');
      const all = await (await kit.admin()).listGroupOffsets(place.groupId);
      equal([...all.keys()], [partitionKey(tp)], 'partitions committed');
    },
  },
  {
    name: 'refuses metadata of offsets that is too large, and goes on',
    async run(kit) {
      const topic = await kit.topic(2);
      const [tp, other] = [0, 1].map((partition) => ({ topic, partition })) as [Tp, Tp];
      const place = { groupId: kit.unique('group'), topics: [topic] };
      const member = (await kit.member('a', place)).start();
      await settled(kit, [member], [2]);
      await member.consumer.commit([{ ...other, offset: 0, metadata: 'kept' }]);
      const large = [{ ...tp, offset: 0, metadata: 'x'.repeat(40_000) }];
      const error = await rejects(member.consumer.commit(large), ['KAFKA'], 'the large one');
      equal([error.kafkaCode, error.retriable], [12, false], 'Kafka code');
      const found = await member.consumer.committed([tp, other]);
      equal([...found.keys()], [partitionKey(other)], 'partitions committed');
      await member.consumer.commit([{ ...tp, offset: 0, metadata: 'x'.repeat(4096) }]);
      const after = await member.consumer.committed([tp, other]);
      const sizes = [tp, other].map((at) => after.get(partitionKey(at))?.metadata?.length);
      equal(sizes, [4096, 4], 'sizes of the metadata');
    },
  },
];

interface Tp {
  readonly topic: string;
  readonly partition: number;
}
