import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  Compression,
  KafkaConnection,
  LogRecord,
  NewRecord,
} from '../../../../lib/client/KafkaClient.ts';
import { kafkajs } from '../../../../lib/client/kafkajs/index.ts';
import { java } from './javaTools.ts';

const brokers = process.env.KAFKA_BROKERS ?? 'localhost:9092';
const run = Date.now().toString(36);
const codecs: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const consoleConsumer = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
const consoleProducer = 'org.apache.kafka.tools.ConsoleProducer';
const groupCommand = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';

const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | null) =>
  bytes === null ? null : new TextDecoder().decode(bytes);
const now = Date.now();

let connection: KafkaConnection;
let topics = 0;

async function newTopic(): Promise<string> {
  const topic = `interop-${run}-${topics++}`;
  await connection.admin.createTopics([{ topic, partitions: 1 }]);
  return topic;
}

async function readAll(topic: string): Promise<readonly LogRecord[]> {
  const tp = { topic, partition: 0 };
  const end = (await connection.admin.listOffsets([tp], 'latest')).get(`${topic}-0`) ?? 0;
  const reader = connection.reader({ isolation: 'read-committed' });
  reader.assign([{ ...tp, offset: 0 }]);
  const found: LogRecord[] = [];
  while (reader.position(tp) < end) {
    for (const { records } of await reader.poll(500)) found.push(...records);
  }
  await reader.close();
  return found;
}

/** What Java's consumer prints, one line a record. */
function javaReads(
  topic: string,
  count: number,
  isolation = 'read_uncommitted',
): Promise<readonly string[]> {
  const property = (name: string, value: string) => ['--formatter-property', `${name}=${value}`];
  return java(consoleConsumer, [
    ...['--bootstrap-server', brokers, '--topic', topic, '--from-beginning'],
    ...['--max-messages', `${count}`, '--timeout-ms', '15000'],
    ...['--command-property', `isolation.level=${isolation}`],
    ...property('print.key', 'true'),
    ...property('print.headers', 'true'),
    ...property('print.timestamp', 'true'),
    ...property('print.offset', 'true'),
    ...property('null.literal', 'NULL'),
    ...property('key.separator', '|'),
    ...property('headers.separator', ','),
  ]);
}

beforeAll(async () => {
  connection = await kafkajs({ brokers: brokers.split(',') }).connect();
});

afterAll(() => connection.close());

describe("Java's own tools", () => {
  it('read what we write: every codec, headers, nulls, empty values', async () => {
    const topic = await newTopic();
    const expected: string[] = [];
    for (const compression of codecs) {
      const producer = connection.producer({ compression });
      const records: NewRecord[] = [
        {
          key: utf8('k'),
          value: utf8(`${compression} `.repeat(2000).trim()),
          timestamp: now,
          headers: [
            ['a', utf8('1')],
            ['a', null],
            ['ü', utf8('')],
          ],
        },
        { key: null, value: null, timestamp: now + 5 },
        { key: utf8(''), value: utf8(''), timestamp: now - 70_000 },
      ];
      await producer.send([{ topic, partition: 0, records }]);
      await producer.close();
      const at = (n: number) => `CreateTime:${records[n]?.timestamp}|Offset:${expected.length}`;
      expected.push(`${at(0)}|a:1,a:NULL,ü:|k|${text(records[0]?.value ?? null)}`);
      expected.push(`${at(1)}|NO_HEADERS|NULL|NULL`);
      expected.push(`${at(2)}|NO_HEADERS||`);
    }
    expect(await javaReads(topic, expected.length)).toEqual(expected);
  });

  it.each(codecs)('write what we read, compressed by %s', async (codec) => {
    const topic = await newTopic();
    const lines = Array.from({ length: 300 }, (_, n) => `h:${n},g:x|k${n}|value ${n} and more`);
    lines.push('NULL|NULL|NULL');
    await java(
      consoleProducer,
      [
        ...['--bootstrap-server', brokers, '--topic', topic, '--compression-codec', codec],
        ...['--reader-property', 'parse.key=true', '--reader-property', 'parse.headers=true'],
        ...['--reader-property', 'key.separator=|', '--reader-property', 'headers.delimiter=|'],
        ...['--reader-property', 'headers.separator=,', '--reader-property', 'null.marker=NULL'],
      ],
      `${lines.join('\n')}\n`,
    );
    const found = await readAll(topic);
    const shown = found.map(({ key, value, headers }) => {
      const shownHeaders = headers.map(([name, of]) => `${name}:${text(of)}`).join(',');
      return `${shownHeaders}|${text(key)}|${text(value)}`;
    });
    expect(shown).toEqual([...lines.slice(0, -1), '|null|null']);
  });

  it('see of our transactions what is committed', async () => {
    const topic = await newTopic();
    const producer = connection.producer({ transactionalId: `interop-${run}` });
    await producer.init();
    for (const [value, outcome] of [
      ['one', 'commit'],
      ['two', 'abort'],
      ['three', 'commit'],
    ] as const) {
      producer.begin();
      const record = { key: null, value: utf8(value), timestamp: now };
      await producer.send([{ topic, partition: 0, records: [record] }]);
      await producer[outcome]();
    }
    await producer.close();
    const seen = await javaReads(topic, 2, 'read_committed');
    expect(seen.map((line) => line.split('|').at(-1))).toEqual(['one', 'three']);
  });

  it('read the offsets of our groups', async () => {
    const topic = await newTopic();
    const groupId = `interop-group-${run}`;
    await connection.admin.alterGroupOffsets(groupId, [{ topic, partition: 0, offset: 0 }]);
    const args = ['--bootstrap-server', brokers, '--describe', '--group', groupId];
    const printed = await java(groupCommand, args);
    const line = printed.find((one) => one.includes(topic)) ?? '';
    expect(line.split(/\s+/).slice(0, 5)).toEqual([groupId, topic, '0', '0', '0']);
  });
});
