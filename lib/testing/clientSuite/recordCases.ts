import type { NewRecord } from '../../client/KafkaClient.ts';
import { bytes, equal, rejects, text, truthy } from './check.ts';
import type { CaseDefinition, SuiteKit } from './SuiteKit.ts';

async function roundTrip(kit: SuiteKit, topic: string, records: readonly NewRecord[]) {
  const producer = await kit.producer();
  await producer.send([{ topic, partition: 0, records }]);
  return kit.readAll(topic);
}

export const recordCases: readonly CaseDefinition[] = [
  {
    name: 'keeps headers as a list: order, names twice, values null and empty',
    async run(kit) {
      const headers: NewRecord['headers'] = [
        ['b', bytes('1')],
        ['a', null],
        ['b', new Uint8Array()],
        ['ü', bytes('ü')],
      ];
      const plain = { key: bytes('k'), value: bytes('v'), timestamp: 1 };
      const found = await roundTrip(kit, await kit.topic(), [{ ...plain, headers }, plain]);
      const shown = found.map((r) => r.headers.map(([name, value]) => [name, text(value)]));
      equal(
        shown,
        [
          [
            ['b', '1'],
            ['a', '~'],
            ['b', ''],
            ['ü', 'ü'],
          ],
          [],
        ],
        'headers',
      );
    },
  },
  {
    name: 'tells null from empty, in keys and values',
    async run(kit) {
      const empty = new Uint8Array();
      const found = await roundTrip(kit, await kit.topic(), [
        { key: null, value: null, timestamp: 1 },
        { key: empty, value: null, timestamp: 1 },
        { key: null, value: empty, timestamp: 1 },
        { key: empty, value: empty, timestamp: 1 },
      ]);
      const shown = found.map(({ key, value }) => `${text(key)}/${text(value)}`);
      equal(shown, ['~/~', '/~', '~/', '/'], 'keys and values');
    },
  },
  {
    name: 'keeps bytes as they are, also a key of four zeros',
    async run(kit) {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      const found = await roundTrip(kit, await kit.topic(), [
        { key: new Uint8Array(4), value: all, timestamp: 1 },
      ]);
      equal([...(found[0]?.key ?? [])], [0, 0, 0, 0], 'key');
      equal([...(found[0]?.value ?? [])], [...all], 'value');
    },
  },
  {
    name: 'keeps timestamps, in whatever order, also of long ago',
    async run(kit) {
      const times = [978_307_200_000, 5, 1_700_000_000_000, 0];
      const records = times.map((timestamp) => ({ key: null, value: null, timestamp }));
      const found = await roundTrip(kit, await kit.topic(1, { 'retention.ms': '-1' }), records);
      const shown = found.map(({ timestamp }) => timestamp);
      equal(shown, times, 'timestamps');
    },
  },
  {
    name: 'has the time of appending where the topic says LogAppendTime',
    async run(kit) {
      const topic = await kit.topic(1, { 'message.timestamp.type': 'LogAppendTime' });
      const before = kit.now();
      const found = await roundTrip(kit, topic, [
        { key: null, value: null, timestamp: 1000 },
        { key: null, value: null, timestamp: 2000 },
      ]);
      equal(found.length, 2, 'records');
      for (const { timestamp } of found) {
        truthy(Math.abs(timestamp - before) < 60_000, `${timestamp} is about ${before}`);
      }
    },
  },
  {
    name: 'carries a value of half a megabyte',
    async run(kit) {
      const value = Uint8Array.from({ length: 500_000 }, (_, i) => (i * 31) & 255);
      const found = await roundTrip(kit, await kit.topic(), [{ key: null, value, timestamp: 1 }]);
      const read = found[0]?.value;
      truthy(read?.length === value.length, 'it has its length');
      truthy(
        value.every((byte, i) => read?.[i] === byte),
        'it has its bytes',
      );
    },
  },
  {
    name: 'refuses times further from its clock than a topic allows',
    async run(kit) {
      const hour = 3_600_000;
      const topic = await kit.topic(1, {
        'message.timestamp.after.max.ms': `${hour}`,
        'message.timestamp.before.max.ms': `${24 * hour}`,
      });
      const producer = await kit.producer();
      const send = (to: string, ...times: readonly number[]) => {
        const records = times.map((timestamp) => ({ key: null, value: bytes('v'), timestamp }));
        return producer.send([{ topic: to, partition: 0, records }]);
      };
      const now = kit.now();
      for (const far of [now + 2 * hour, now - 25 * hour]) {
        const error = await rejects(send(topic, now, far), ['KAFKA'], `a time of ${far}`);
        equal([error.kafkaCode, error.retriable], [32, false], `Kafka code of ${far}`);
      }
      await send(topic, now + hour / 2, now - 23 * hour);
      equal((await kit.readAll(topic)).length, 2, 'records: a batch is taken whole or not at all');
      const unlimited = await kit.topic(1, {
        'message.timestamp.after.max.ms': '9223372036854775807',
      });
      await send(unlimited, now + 1000 * hour);
      const appended = await kit.topic(1, {
        'message.timestamp.type': 'LogAppendTime',
        'message.timestamp.after.max.ms': `${hour}`,
      });
      await send(appended, now + 1000 * hour);
    },
  },
];
