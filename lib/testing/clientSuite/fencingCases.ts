import type { GroupMetadata, Producer } from '../../client/KafkaClient.ts';
import { partitionKey, type TopicPartition } from '../../model/topicPartition.ts';
import { equal, rejects, text, truthy } from './check.ts';
import { settled } from './groupCases.ts';
import { type CaseDefinition, records, type SuiteKit } from './SuiteKit.ts';
import type { SuiteMember } from './SuiteMember.ts';

/** A transaction with these offsets must be refused, be abortable, and leave nothing behind. */
async function expectFenced(
  kit: SuiteKit,
  producer: Producer,
  { topic, partition, group }: TopicPartition & { readonly group: GroupMetadata },
  live: SuiteMember,
): Promise<void> {
  const tp = { topic, partition };
  producer.begin();
  const late = producer.sendOffsets([{ ...tp, offset: 9 }], group);
  const error = await rejects(late, ['GROUP_GENERATION_LOST', 'FENCED'], 'offsets of a zombie');
  truthy(error.abortable, 'the transaction can be aborted');
  await rejects(producer.commit(), ['TRANSACTION_ABORTABLE', error.code], 'the commit after it');
  await producer.abort();
  const found = (await live.consumer.committed([tp])).get(partitionKey(tp));
  equal(found?.offset, undefined, 'offset');
  producer.begin();
  await producer.sendOffsets([{ ...tp, offset: 1 }], live.consumer.groupMetadata());
  await producer.commit();
  await kit.eventually('the next transaction is committed', async () => {
    return (await live.consumer.committed([tp])).get(partitionKey(tp))?.offset === 1;
  });
}

export const fencingCases: readonly CaseDefinition[] = [
  {
    name: 'a newer producer of the same id fences the older and aborts what it left open',
    async run(kit) {
      const topic = await kit.topic();
      const transactionalId = kit.unique('tx');
      const zombie = (await kit.connect()).producer({ transactionalId });
      await zombie.init();
      zombie.begin();
      await zombie.send([{ topic, partition: 0, records: records('zombie') }]);
      const young = await kit.producer({ transactionalId });
      equal(await kit.end({ topic, partition: 0 }, 'read-committed'), 2, 'the end is free');
      const sending = zombie.send([{ topic, partition: 0, records: records('late') }]);
      await rejects(sending, ['FENCED'], 'a send of the zombie');
      await rejects(zombie.commit(), ['FENCED', 'TRANSACTION_ABORTABLE'], 'its commit');
      young.begin();
      await young.send([{ topic, partition: 0, records: records('young') }]);
      await young.commit();
      // A broker answers before the marker is written.
      await kit.eventually('the end is stable', async () => {
        const tp = { topic, partition: 0 };
        return (await kit.end(tp, 'read-committed')) === (await kit.end(tp));
      });
      const found = await kit.readAll(topic, { isolation: 'read-committed' });
      equal(
        found.map(({ value }) => text(value)),
        ['young'],
        'read-committed',
      );
    },
  },
  {
    name: 'the commit of a fenced producer is refused',
    async run(kit) {
      const topic = await kit.topic();
      const transactionalId = kit.unique('tx');
      const zombie = (await kit.connect()).producer({ transactionalId });
      await zombie.init();
      zombie.begin();
      await zombie.send([{ topic, partition: 0, records: records('zombie') }]);
      await kit.producer({ transactionalId });
      await rejects(zombie.commit(), ['FENCED'], 'the commit of the zombie');
      equal((await kit.readAll(topic, { isolation: 'read-committed' })).length, 0, 'records');
    },
  },
  {
    name: 'offsets of an earlier generation are refused, whatever the transactional id',
    async run(kit) {
      const topic = await kit.topic(2);
      await kit.write(topic, ['a', 'b']);
      const place = { groupId: kit.unique('group'), topics: [topic] };
      const a = (await kit.member('a', place)).start();
      await settled(kit, [a], [2]);
      const group = a.consumer.groupMetadata();
      const b = (await kit.member('b', place)).start();
      await settled(kit, [a, b], [1, 1]);
      const producer = await kit.producer({ transactionalId: kit.unique('tx') });
      await expectFenced(kit, producer, { topic, partition: 0, group }, a);
    },
  },
  {
    name: 'offsets of a member that is gone are refused',
    async run(kit) {
      const topic = await kit.topic(1);
      await kit.write(topic, ['a', 'b']);
      const place = { groupId: kit.unique('group'), topics: [topic] };
      const a = (await kit.member('a', place)).start();
      await settled(kit, [a], [1]);
      const group = a.consumer.groupMetadata();
      await a.stop();
      const b = (await kit.member('b', place)).start();
      await settled(kit, [b], [1]);
      const producer = await kit.producer({ transactionalId: kit.unique('tx') });
      await expectFenced(kit, producer, { topic, partition: 0, group }, b);
    },
  },
];
