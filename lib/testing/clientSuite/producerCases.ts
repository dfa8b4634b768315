import { bytes, equal, rejects, text, truthy } from './check.ts';
import { type CaseDefinition, records } from './SuiteKit.ts';

export const producerCases: readonly CaseDefinition[] = [
  {
    name: 'answers with the first offset of each batch',
    async run(kit) {
      const topic = await kit.topic(2);
      const producer = await kit.producer();
      const batch = (partition: number, ...values: string[]) => {
        return { topic, partition, records: records(...values) };
      };
      equal(await producer.send([batch(0, 'a', 'b'), batch(1, 'x')]), [0, 0], 'first send');
      equal(await producer.send([batch(1, 'y'), batch(0, 'c')]), [1, 2], 'second send');
      equal((await kit.readAll(topic)).length, 3, 'records');
    },
  },
  {
    name: 'keeps the order of sends that are not awaited',
    async run(kit) {
      const topic = await kit.topic();
      const producer = await kit.producer();
      const values = Array.from({ length: 300 }, (_, i) => `${i}`);
      const sends = values.map((value) => {
        return producer.send([{ topic, partition: 0, records: records(value) }]);
      });
      const offsets = (await Promise.all(sends)).map(([first]) => first);
      equal(
        offsets,
        values.map((_, i) => i),
        'offsets',
      );
      const found = await kit.readAll(topic);
      equal(
        found.map(({ value }) => text(value)),
        values,
        'order',
      );
    },
  },
  {
    name: 'has written all when flush resolves',
    async run(kit) {
      const topic = await kit.topic();
      const producer = await kit.producer({ lingerMs: 50 });
      const sends: Promise<unknown>[] = [];
      for (let i = 0; i < 50; i++) {
        sends.push(producer.send([{ topic, partition: 0, records: records(`${i}`) }]));
      }
      await producer.flush();
      equal(await kit.end({ topic, partition: 0 }), 50, 'end of the log');
      await Promise.all(sends);
    },
  },
  {
    name: 'lets several producers write to one partition',
    async run(kit) {
      const topic = await kit.topic();
      const producers = await Promise.all([0, 1, 2].map(() => kit.producer()));
      const sends = producers.flatMap((producer, p) => {
        return Array.from({ length: 20 }, (_, i) => {
          return producer.send([{ topic, partition: 0, records: records(`${p}.${i}`) }]);
        });
      });
      await Promise.all(sends);
      const found = (await kit.readAll(topic)).map(({ value }) => text(value));
      for (const p of [0, 1, 2]) {
        const expected = Array.from({ length: 20 }, (_, i) => `${p}.${i}`);
        equal(
          found.filter((value) => value.startsWith(`${p}.`)),
          expected,
          `of producer ${p}`,
        );
      }
    },
  },
  {
    name: 'refuses a record the topic does not take, and goes on',
    async run(kit) {
      const topic = await kit.topic(1, { 'max.message.bytes': '2000' });
      const producer = await kit.producer();
      await producer.send([{ topic, partition: 0, records: records('a') }]);
      const large = { key: null, value: new Uint8Array(10_000), timestamp: 1 };
      const sending = producer.send([{ topic, partition: 0, records: [large] }]);
      const error = await rejects(sending, ['KAFKA'], 'the large record');
      equal([error.kafkaCode, error.retriable], [10, false], 'Kafka code');
      await producer.send([{ topic, partition: 0, records: records('b') }]);
      const found = (await kit.readAll(topic)).map(({ value }) => text(value));
      equal(found, ['a', 'b'], 'records');
    },
  },
  {
    name: 'writes what is compressed and reads it back',
    async run(kit) {
      const topic = await kit.topic();
      const producer = await kit.producer({ compression: 'gzip' });
      const values = Array.from({ length: 1000 }, (_, i) => `value ${i}`);
      await producer.send([{ topic, partition: 0, records: records(...values) }]);
      const found = (await kit.readAll(topic)).map(({ value }) => text(value));
      truthy(found.join() === values.join(), 'all are there, in order');
    },
  },
  {
    name: 'answers -1 for a batch of no records, which goes nowhere',
    async run(kit) {
      const topic = await kit.topic();
      const producer = await kit.producer();
      await kit.write(topic, ['a']);
      const empty = { topic, partition: 0, records: [] };
      equal(await producer.send([empty]), [-1], 'nothing');
      equal(await producer.send([empty, { ...empty, records: records('b') }]), [-1, 1], 'mixed');
      equal(await producer.send([{ ...empty, topic: kit.unique('missing') }]), [-1], 'anywhere');
      equal(await producer.send([]), [], 'no batch');
      equal((await kit.readAll(topic)).length, 2, 'records');
    },
  },
  {
    name: 'writes more in one call than the topic takes in one batch',
    async run(kit) {
      const topic = await kit.topic(1, { 'max.message.bytes': '100000' });
      const producer = await kit.producer();
      const many = Array.from({ length: 500 }, (_, i) => {
        return { key: bytes(`${i}`), value: new Uint8Array(1000), timestamp: i };
      });
      equal(await producer.send([{ topic, partition: 0, records: many }]), [0], 'first offset');
      const found = (await kit.readAll(topic)).map(({ key }) => text(key));
      truthy(found.join() === many.map((_, i) => `${i}`).join(), 'all are there, once, in order');
      equal(await producer.send([{ topic, partition: 0, records: records('a') }]), [500], 'after');
    },
  },
  {
    name: 'refuses a record that is too large, and writes the next, though sent at once',
    async run(kit) {
      const topic = await kit.topic(1, { 'max.message.bytes': '2000' });
      const producer = await kit.producer();
      const large = { key: null, value: new Uint8Array(10_000), timestamp: 1 };
      const first = producer.send([{ topic, partition: 0, records: [large] }]);
      const second = producer.send([{ topic, partition: 0, records: records('b') }]);
      const [error] = await Promise.all([rejects(first, ['KAFKA'], 'the large record'), second]);
      equal([error.kafkaCode, error.retriable], [10, false], 'Kafka code');
      equal(await second, [0], 'offset of the second');
      equal(await producer.send([{ topic, partition: 0, records: records('c') }]), [1], 'third');
      const found = (await kit.readAll(topic)).map(({ value }) => text(value));
      equal(found, ['b', 'c'], 'records');
    },
  },
];
