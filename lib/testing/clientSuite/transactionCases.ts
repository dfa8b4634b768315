import type { Producer } from '../../client/KafkaClient.ts';
import { partitionKey } from '../../model/topicPartition.ts';
import { bytes, equal, rejects, text, truthy } from './check.ts';
import { settled } from './groupCases.ts';
import { type CaseDefinition, records, type SuiteKit } from './SuiteKit.ts';

async function transactional(kit: SuiteKit): Promise<Producer> {
  return kit.producer({ transactionalId: kit.unique('tx') });
}

/**
 * Brokers write markers after the end of a transaction is answered: waits until none is missing.
 */
async function isSettled(kit: SuiteKit, topic: string): Promise<void> {
  const tp = { topic, partition: 0 };
  await kit.eventually('no transaction is open', async () => {
    return (await kit.end(tp, 'read-committed')) === (await kit.end(tp));
  });
}

/** What a read-committed reader sees of partition 0, once all transactions are over. */
async function committed(kit: SuiteKit, topic: string): Promise<string> {
  await isSettled(kit, topic);
  return seen(kit, topic);
}

/** What a read-committed reader sees of partition 0. */
async function seen(kit: SuiteKit, topic: string): Promise<string> {
  const found = await kit.readAll(topic, { isolation: 'read-committed' });
  return found.map(({ value }) => text(value)).join(' ');
}

export const transactionCases: readonly CaseDefinition[] = [
  {
    name: 'shows what is committed, hides what is aborted; others see both',
    async run(kit) {
      const topic = await kit.topic();
      const producer = await transactional(kit);
      for (const [value, outcome] of [
        ['a', 'commit'],
        ['b', 'abort'],
        ['c', 'commit'],
      ] as const) {
        producer.begin();
        await producer.send([{ topic, partition: 0, records: records(value) }]);
        await producer[outcome]();
      }
      equal(await committed(kit, topic), 'a c', 'read-committed');
      const all = (await kit.readAll(topic)).map(({ value }) => text(value));
      equal(all, ['a', 'b', 'c'], 'read-uncommitted');
    },
  },
  {
    name: 'markers take offsets: a position stands past them, at the end',
    async run(kit) {
      const topic = await kit.topic();
      const tp = { topic, partition: 0 };
      const producer = await transactional(kit);
      producer.begin();
      await producer.send([{ ...tp, records: records('a', 'b') }]);
      await producer.abort();
      await isSettled(kit, topic);
      for (const isolation of ['read-committed', 'read-uncommitted'] as const) {
        equal(await kit.end(tp, isolation), 3, `end, ${isolation}`);
        const reader = await kit.reader(isolation);
        reader.assign([{ ...tp, offset: 0 }]);
        const found = await kit.readTo(reader, tp, 3);
        equal(found.length, isolation === 'read-committed' ? 0 : 2, `records, ${isolation}`);
        equal(reader.position(tp), 3, `position, ${isolation}`);
      }
    },
  },
  {
    name: 'an open transaction holds the read-committed back, and only them',
    async run(kit) {
      const topic = await kit.topic();
      const tp = { topic, partition: 0 };
      await kit.write(topic, ['a']);
      const producer = await transactional(kit);
      producer.begin();
      await producer.send([{ ...tp, records: records('b') }]);
      await kit.write(topic, ['c']);
      equal(await kit.end(tp, 'read-committed'), 1, 'end for the read-committed');
      equal(await kit.end(tp), 3, 'end for others');
      equal(await seen(kit, topic), 'a', 'read-committed before');
      const reader = await kit.reader('read-committed');
      reader.assign([{ ...tp, offset: 1 }]);
      let stable = -1;
      await kit.eventually('an answer tells the last stable offset', async () => {
        const [answer] = await reader.poll(100);
        stable = answer?.lastStableOffset ?? -1;
        return answer !== undefined;
      });
      equal([stable, reader.position(tp)], [1, 1], 'last stable offset and position');
      const coming = kit.readTo(reader, tp, 4);
      await producer.commit();
      equal(
        (await coming).map(({ value }) => text(value)),
        ['b', 'c'],
        'what the commit released',
      );
    },
  },
  {
    name: 'hides aborted records of several transactions that overlap',
    async run(kit) {
      const topic = await kit.topic();
      const [p, q, r] = await Promise.all([0, 1, 2].map(() => transactional(kit)));
      const send = (producer: Producer | undefined, value: string) => {
        return producer?.send([{ topic, partition: 0, records: records(value) }]);
      };
      for (const producer of [p, q, r]) producer?.begin();
      await send(p, 'p1');
      await send(q, 'q1');
      await send(r, 'r1');
      await send(p, 'p2');
      await q?.abort();
      await send(r, 'r2');
      await kit.write(topic, ['plain']);
      await p?.abort();
      q?.begin();
      await send(q, 'q2');
      await r?.commit();
      await q?.abort();
      q?.begin();
      await send(q, 'q3');
      await q?.commit();
      equal(await committed(kit, topic), 'r1 r2 plain q3', 'read-committed');
    },
  },
  {
    name: 'hides aborted records whatever their keys, also more than one fetch brings',
    async run(kit) {
      const topic = await kit.topic();
      const tp = { topic, partition: 0 };
      const producer = await transactional(kit);
      producer.begin();
      const value = new Uint8Array(500);
      const zeros = Array.from({ length: 100 }, () => {
        return { key: new Uint8Array(4), value, timestamp: 1 };
      });
      for (let i = 0; i < 10; i++) await producer.send([{ ...tp, records: zeros }]);
      await producer.abort();
      await kit.write(topic, ['end']);
      const reader = (await kit.connection()).reader({
        isolation: 'read-committed',
        maxPartitionBytes: 20_000,
      });
      reader.assign([{ ...tp, offset: 0 }]);
      const found = await kit.readTo(reader, tp, 1002);
      equal(
        found.map((record) => text(record.value)),
        ['end'],
        'records',
      );
    },
  },
  {
    name: 'commits offsets with the records, or neither',
    async run(kit) {
      const topic = await kit.topic();
      const tp = { topic, partition: 0 };
      await kit.write(topic, ['a', 'b', 'c']);
      const place = { groupId: kit.unique('group'), topics: [topic] };
      const member = (await kit.member('a', place)).start();
      await settled(kit, [member], [1]);
      const producer = await transactional(kit);
      const group = member.consumer.groupMetadata();
      const offset = async () => (await member.consumer.committed([tp])).get(partitionKey(tp));
      producer.begin();
      await producer.sendOffsets([{ ...tp, offset: 1, metadata: 'm' }], group);
      equal(await offset(), undefined, 'before the commit');
      await producer.commit();
      await kit.eventually('the commit is seen', async () => (await offset())?.offset === 1);
      equal((await offset())?.metadata, 'm', 'metadata');
      // At once again: the coordinator may still be busy with the last one.
      producer.begin();
      await producer.sendOffsets([{ ...tp, offset: 2 }], group);
      await producer.abort();
      producer.begin();
      await producer.sendOffsets([{ ...tp, offset: 3 }], group);
      equal((await offset())?.offset, 1, 'after an abort');
      await producer.commit();
      await kit.eventually('the last is seen', async () => (await offset())?.offset === 3);
    },
  },
  {
    name: 'an offset fetch that requires stable ones waits for the transaction',
    async run(kit) {
      const topic = await kit.topic();
      const tp = { topic, partition: 0 };
      await kit.write(topic, ['a', 'b', 'c', 'd', 'e']);
      const place = { groupId: kit.unique('group'), topics: [topic] };
      const member = (await kit.member('a', place)).start();
      await settled(kit, [member], [1]);
      const producer = await transactional(kit);
      producer.begin();
      await producer.sendOffsets([{ ...tp, offset: 5 }], member.consumer.groupMetadata());
      let isAnswered = false;
      const stable = member.consumer.committed([tp], { requireStable: true }).then((offsets) => {
        isAnswered = true;
        return offsets;
      });
      await kit.sleep(300);
      truthy(!isAnswered, 'no answer while the transaction is open');
      await producer.commit();
      equal((await stable).get(partitionKey(tp))?.offset, 5, 'the answer');
    },
  },
  {
    name: 'goes through many short transactions, each whole',
    async run(kit) {
      const topic = await kit.topic(2);
      const producer = await transactional(kit);
      for (let i = 0; i < 20; i++) {
        producer.begin();
        void producer.send([{ topic, partition: 0, records: records(`${i}`) }]);
        void producer.send([{ topic, partition: 1, records: records(`${i}`) }]);
        await producer.commit();
      }
      const expected = Array.from({ length: 20 }, (_, i) => `${i}`).join(' ');
      equal(await committed(kit, topic), expected, 'partition 0');
      await kit.eventually('the last marker of partition 1', async () => {
        return (await kit.end({ topic, partition: 1 }, 'read-committed')) === 40;
      });
      const one = await kit.readAll(topic, { partition: 1, isolation: 'read-committed' });
      equal(one.map(({ value }) => text(value)).join(' '), expected, 'partition 1');
    },
  },
  {
    name: 'closing a producer ends its open transaction',
    async run(kit) {
      const topic = await kit.topic();
      const producer = await transactional(kit);
      producer.begin();
      await producer.send([{ topic, partition: 0, records: records('a') }]);
      await producer.close();
      await kit.eventually('nothing holds the end back', async () => {
        return (await kit.end({ topic, partition: 0 }, 'read-committed')) === 2;
      });
      equal(await committed(kit, topic), '', 'read-committed');
    },
  },
  {
    name: 'closing a connection ends its open transactions',
    async run(kit) {
      const topic = await kit.topic();
      const connection = await kit.connect();
      const producer = connection.producer({ transactionalId: kit.unique('tx') });
      await producer.init();
      producer.begin();
      await producer.send([{ topic, partition: 0, records: records('a') }]);
      await connection.close();
      // Long before the transaction times out.
      await kit.eventually(
        'nothing holds the end back',
        async () => (await kit.end({ topic, partition: 0 }, 'read-committed')) === 2,
        15_000,
      );
      equal(await committed(kit, topic), '', 'read-committed');
    },
  },
  {
    name: 'refuses what does not fit its state',
    async run(kit) {
      const topic = await kit.topic();
      const producer = await transactional(kit);
      const codes = ['ILLEGAL_TRANSITION', 'INVALID_OPTION'];
      const sending = producer.send([{ topic, partition: 0, records: records('a') }]);
      await rejects(sending, codes, 'a send outside a transaction');
      await rejects(producer.commit(), codes, 'a commit outside a transaction');
      const plain = await kit.producer();
      await rejects(
        (async () => plain.begin())(),
        codes,
        'a transaction without a transactional id',
      );
      producer.begin();
      await producer.send([{ topic, partition: 0, records: records('b') }]);
      await producer.commit();
      equal(await committed(kit, topic), 'b', 'after all that');
    },
  },
  {
    name: 'a record that is refused for good is told, aborted, and the producer goes on',
    async run(kit) {
      const topic = await kit.topic(1, {
        'cleanup.policy': 'compact',
        'max.message.bytes': '2000',
      });
      const tp = { topic, partition: 0 };
      const producer = await transactional(kit);
      const large = { key: bytes('k'), value: new Uint8Array(10_000), timestamp: 1 };
      const keyless = { key: null, value: bytes('v'), timestamp: 1 };
      for (const [record, code] of [
        [large, 10],
        [keyless, 87],
      ] as const) {
        producer.begin();
        await producer.send([{ ...tp, records: records('lost') }]);
        const sending = producer.send([{ ...tp, records: [record] }]);
        const { kafkaCode, abortable, retriable } = await rejects(sending, ['KAFKA'], `${code}`);
        equal([kafkaCode, abortable, retriable], [code, true, false], 'code, abortable, retriable');
        await rejects(producer.commit(), ['TRANSACTION_ABORTABLE', 'KAFKA'], 'the commit');
        await producer.abort();
      }
      producer.begin();
      await producer.send([{ ...tp, records: records('kept') }]);
      await producer.commit();
      equal(await committed(kit, topic), 'kept', 'read-committed');
      const plain = await kit.producer();
      const outside = plain.send([{ ...tp, records: [keyless] }]);
      const error = await rejects(outside, ['KAFKA'], 'outside a transaction');
      equal([error.kafkaCode, error.abortable], [87, false], 'code and abortable outside');
      await plain.send([{ ...tp, records: records('after') }]);
    },
  },
];
