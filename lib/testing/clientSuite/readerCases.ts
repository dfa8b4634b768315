import type { Fetched } from '../../client/KafkaClient.ts';
import { equal, rejects, text, truthy } from './check.ts';
import { type CaseDefinition, records } from './SuiteKit.ts';

const show = (some: readonly { readonly value: Uint8Array | null }[]): string =>
  some.map(({ value }) => text(value)).join(' ');

export const readerCases: readonly CaseDefinition[] = [
  {
    name: 'reads from the position given, in order, and says where it stands',
    async run(kit) {
      const topic = await kit.topic();
      const tp = { topic, partition: 0 };
      await kit.write(topic, ['a', 'b', 'c', 'd']);
      const reader = await kit.reader();
      reader.assign([{ ...tp, offset: 1 }]);
      equal(reader.position(tp), 1, 'position before');
      const found = await kit.readTo(reader, tp, 4);
      equal(show(found), 'b c d', 'records');
      equal(
        found.map(({ offset }) => offset),
        [1, 2, 3],
        'offsets',
      );
      equal(reader.position(tp), 4, 'position after');
    },
  },
  {
    name: 'seeks back and forth',
    async run(kit) {
      const topic = await kit.topic();
      const tp = { topic, partition: 0 };
      await kit.write(topic, ['a', 'b', 'c']);
      const reader = await kit.reader();
      reader.assign([{ ...tp, offset: 0 }]);
      await kit.readTo(reader, tp, 3);
      reader.seek(tp, 2);
      equal(show(await kit.readTo(reader, tp, 3)), 'c', 'after seeking to 2');
      reader.seek(tp, 0);
      equal(show(await kit.readTo(reader, tp, 3)), 'a b c', 'after seeking to 0');
    },
  },
  {
    name: 'brings nothing of a paused partition, all of it once resumed',
    async run(kit) {
      const topic = await kit.topic(2);
      const [zero, one] = [0, 1].map((partition) => ({ topic, partition })) as [Tp, Tp];
      await kit.write(topic, ['a', 'b'], 0);
      await kit.write(topic, ['x', 'y'], 1);
      const reader = await kit.reader();
      reader.assign([
        { ...zero, offset: 0 },
        { ...one, offset: 0 },
      ]);
      reader.pause([one]);
      equal(show(await kit.readTo(reader, zero, 2)), 'a b', 'of the other');
      await reader.poll(100);
      equal(reader.position(one), 0, 'position of the paused');
      reader.resume([one]);
      equal(show(await kit.readTo(reader, one, 2)), 'x y', 'of the resumed');
    },
  },
  {
    name: 'replaces its assignment',
    async run(kit) {
      const topic = await kit.topic(2);
      await kit.write(topic, ['a'], 0);
      await kit.write(topic, ['x'], 1);
      const reader = await kit.reader();
      reader.assign([{ topic, partition: 0, offset: 0 }]);
      await kit.readTo(reader, { topic, partition: 0 }, 1);
      reader.assign([{ topic, partition: 1, offset: 0 }]);
      const one = { topic, partition: 1 };
      equal(show(await kit.readTo(reader, one, 1)), 'x', 'of the new one');
    },
  },
  {
    name: 'says where it was when a position is out of range, and stays there',
    async run(kit) {
      const topic = await kit.topic();
      const tp = { topic, partition: 0 };
      await kit.write(topic, ['a', 'b']);
      const reader = await kit.reader();
      reader.assign([{ ...tp, offset: 7 }]);
      const error = await rejects(reader.poll(1000), ['OFFSET_OUT_OF_RANGE'], 'beyond the end');
      const { topic: at, partition, offset } = error.place;
      equal([at, partition, offset], [topic, 0, 7], 'place');
      equal(reader.position(tp), 7, 'position');
      reader.seek(tp, 0);
      equal(show(await kit.readTo(reader, tp, 2)), 'a b', 'after a seek');
    },
  },
  {
    name: 'answers for an empty partition after the wait, with where it ends',
    async run(kit) {
      const topic = await kit.topic();
      const tp = { topic, partition: 0 };
      await kit.write(topic, ['a', 'b']);
      const reader = await kit.reader();
      reader.assign([{ ...tp, offset: 2 }]);
      for (const maxWaitMs of [100, 0]) {
        let answer: Fetched | undefined;
        await kit.eventually(`an answer with a wait of ${maxWaitMs}`, async () => {
          [answer] = await reader.poll(maxWaitMs);
          return answer !== undefined;
        });
        const { records: none, nextOffset, highWatermark, logStartOffset } = answer as Fetched;
        equal(none.length, 0, 'records');
        equal([nextOffset, highWatermark, logStartOffset], [2, 2, 0], 'offsets');
      }
    },
  },
  {
    name: 'waits for what comes, and no longer',
    async run(kit) {
      const topic = await kit.topic();
      const reader = await kit.reader();
      reader.assign([{ topic, partition: 0, offset: 0 }]);
      const coming = kit.readTo(reader, { topic, partition: 0 }, 1);
      await kit.sleep(50);
      await kit.write(topic, ['a']);
      equal(show(await coming), 'a', 'what came');
    },
  },
  {
    name: 'is woken by wakeup',
    async run(kit) {
      const topic = await kit.topic();
      const reader = await kit.reader();
      reader.assign([{ topic, partition: 0, offset: 0 }]);
      const before = kit.now();
      const polling = reader.poll(30_000);
      await kit.sleep(50);
      reader.wakeup();
      await polling;
      truthy(kit.now() - before < 10_000, 'it did not wait to the end');
    },
  },
  {
    name: 'keeps to its bounds of bytes, but for one larger record',
    async run(kit) {
      const topic = await kit.topic();
      const tp = { topic, partition: 0 };
      const producer = await kit.producer();
      const value = new Uint8Array(1000);
      for (let i = 0; i < 30; i++) {
        const record = { key: null, value, timestamp: i };
        await producer.send([{ ...tp, records: [record] }]);
      }
      const large = { key: null, value: new Uint8Array(20_000), timestamp: 30 };
      await producer.send([{ ...tp, records: [large] }]);
      const reader = (await kit.connection()).reader({
        isolation: 'read-uncommitted',
        maxPartitionBytes: 5000,
        maxBytes: 5000,
      });
      reader.assign([{ ...tp, offset: 0 }]);
      const sizes: number[] = [];
      await kit.eventually('all is read', async () => {
        for (const { records: some } of await reader.poll(100)) sizes.push(some.length);
        return reader.position(tp) === 31;
      });
      equal(
        sizes.reduce((a, b) => a + b, 0),
        31,
        'records',
      );
      truthy(Math.max(...sizes) <= 10, `no more than about five at once: ${sizes}`);
    },
  },
  {
    name: 'reads many partitions at once, each in order',
    async run(kit) {
      const topic = await kit.topic(4);
      const tps = [0, 1, 2, 3].map((partition) => ({ topic, partition }));
      const producer = await kit.producer();
      const values = Array.from({ length: 500 }, (_, i) => `${i}`);
      await producer.send(tps.map((tp) => ({ ...tp, records: records(...values) })));
      const reader = await kit.reader();
      reader.assign(tps.map((tp) => ({ ...tp, offset: 0 })));
      const seen: string[][] = [[], [], [], []];
      await kit.eventually('all are read', async () => {
        for (const { partition, records: some } of await reader.poll(100)) {
          seen[partition]?.push(...some.map(({ value }) => text(value)));
        }
        return seen.every((of) => of.length >= 500);
      });
      for (const of of seen) equal(of, values, 'order within a partition');
    },
  },
  {
    name: 'refuses work once closed; closing twice is nothing',
    async run(kit) {
      const connection = await kit.connect();
      const producer = connection.producer();
      await producer.init();
      await connection.close();
      await connection.close();
      const sending = producer.send([{ topic: 'any', partition: 0, records: records('a') }]);
      await rejects(sending, ['CLIENT_CLOSED'], 'sending');
      await rejects(connection.admin.listTopics(), ['CLIENT_CLOSED'], 'listing');
    },
  },
];

interface Tp {
  readonly topic: string;
  readonly partition: number;
}
