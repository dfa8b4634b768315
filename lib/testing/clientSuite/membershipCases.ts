import { equal, rejects, truthy } from './check.ts';
import { settled } from './groupCases.ts';
import type { CaseDefinition } from './SuiteKit.ts';

export const membershipCases: readonly CaseDefinition[] = [
  {
    name: 'stays in the group while it takes longer than a session to take up its partitions',
    async run(kit) {
      const topic = await kit.topic(1);
      const { sessionMs } = kit;
      const member = await kit.member('a', {
        groupId: kit.unique('group'),
        topics: [topic],
        sessionMs,
        heartbeatMs: sessionMs / 6,
        onAssigned: () => kit.sleep(sessionMs * 1.5),
      });
      member.start();
      await kit.eventually('it is assigned', () => member.notes.length > 0);
      const before = member.consumer.groupMetadata().generation;
      await kit.sleep(sessionMs * 1.6);
      await member.consumer.commit([{ topic, partition: 0, offset: 0 }]);
      equal(member.consumer.groupMetadata().generation, before, 'generation');
      truthy(!member.events.includes('lost'), 'nothing was lost');
    },
  },
  {
    name: 'who goes without a word is missed after the session timeout',
    async run(kit) {
      const topic = await kit.topic(2);
      const { sessionMs } = kit;
      const place = { groupId: kit.unique('group'), topics: [topic], sessionMs };
      const a = (await kit.member('a', place)).start();
      const b = (await kit.member('b', place)).start();
      await settled(kit, [a, b], [1, 1]);
      await a.stop({ remain: true });
      equal(b.owned.length, 1, 'partitions of the other right after');
      await settled(kit, [b], [2]);
    },
  },
  {
    name: 'who does not rejoin in time loses all, may not commit, and comes back',
    async run(kit) {
      const topic = await kit.topic(2);
      const groupId = kit.unique('group');
      const place = { groupId, topics: [topic], rebalanceMs: Math.min(2000, kit.sessionMs) };
      const a = (await kit.member('a', place)).start();
      await settled(kit, [a], [2]);
      await a.pause();
      const b = (await kit.member('b', place)).start();
      await settled(kit, [b], [2]);
      const late = a.consumer.commit([{ topic, partition: 0, offset: 0 }]);
      await rejects(late, ['GROUP_GENERATION_LOST'], 'the late commit');
      a.start();
      await kit.eventually('it hears that all is lost', () => a.events.includes('lost'));
      await settled(kit, [a, b], [1, 1]);
      const mine = a.owned[0]?.slice(topic.length + 1);
      await a.consumer.commit([{ topic, partition: Number(mine), offset: 0 }]);
    },
  },
  {
    name: 'a static member comes back without a rebalance',
    async run(kit) {
      const topic = await kit.topic(2);
      const sessionMs = Math.max(kit.sessionMs * 2, 3000);
      const place = { groupId: kit.unique('group'), topics: [topic], sessionMs };
      const a = (await kit.member('a', { ...place, instanceId: 'i-a' })).start();
      const b = (await kit.member('b', { ...place, instanceId: 'i-b' })).start();
      await settled(kit, [a, b], [1, 1]);
      const { generation } = b.consumer.groupMetadata();
      const [owned, events] = [b.owned, b.events.length];
      await b.stop();
      const again = (await kit.member('b', { ...place, instanceId: 'i-b' })).start();
      await settled(kit, [a, again], [1, 1]);
      equal(again.owned, owned, 'its partitions');
      equal(again.consumer.groupMetadata().generation, generation, 'generation');
      equal(b.events.length, events, 'events of the old member');
      truthy(a.owned.length === 1 && !a.events.includes('lost'), 'the other noticed nothing');
    },
  },
  {
    name: 'a static member is fenced by another of the same instance id',
    async run(kit) {
      const topic = await kit.topic(1);
      const place = { groupId: kit.unique('group'), topics: [topic], instanceId: 'same' };
      const old = (await kit.member('a', place)).start();
      await settled(kit, [old], [1]);
      await old.pause();
      const young = (await kit.member('a', place)).start();
      await kit.eventually('the young one owns it', () => young.owned.length === 1);
      const late = old.consumer.commit([{ topic, partition: 0, offset: 0 }]);
      await rejects(late, ['GROUP_GENERATION_LOST', 'FENCED'], 'commit of the old one');
      old.start();
      await kit.eventually('the old one is told', () => old.error !== null);
      await rejects(Promise.reject(old.error), ['FENCED'], 'poll of the old one');
      await young.consumer.commit([{ topic, partition: 0, offset: 0 }]);
    },
  },
  {
    name: 'a static member that leads comes back and still sees its topics grow',
    timeoutMs: 120_000,
    async run(kit) {
      const topic = await kit.topic(1);
      const sessionMs = Math.max(kit.sessionMs * 2, 3000);
      const place = { groupId: kit.unique('group'), topics: [topic], sessionMs, instanceId: 'i' };
      const before = (await kit.member('a', place)).start();
      await settled(kit, [before], [1]);
      const { generation } = before.consumer.groupMetadata();
      await before.stop();
      const again = (await kit.member('a', place)).start();
      await settled(kit, [again], [1]);
      equal(again.consumer.groupMetadata().generation, generation, 'generation');
      await (await kit.admin()).createPartitions(topic, 3);
      const grown = (): boolean => again.owned.length === 3;
      await kit.eventually('it owns the new partitions', grown, 90_000);
    },
  },
];
