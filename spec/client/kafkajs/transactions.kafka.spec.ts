import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KafkaConnection, Producer } from '../../../lib/client/KafkaClient.ts';
import { kafkajs } from '../../../lib/client/kafkajs/index.ts';
import { seeded } from './seeded.ts';

const brokers = (process.env.KAFKA_BROKERS ?? 'localhost:9092').split(',');
const run = Date.now().toString(36);
const histories = Number(process.env.HISTORIES ?? 60);
const firstSeed = Number(process.env.HISTORY_SEED ?? 1);
const writers = 4;

interface Writer {
  readonly producer: Producer;
  isOpen: boolean;
  /** What the transaction at hand has written so far. */
  written: string[];
}

const text = (bytes: Uint8Array | null) => new TextDecoder().decode(bytes ?? new Uint8Array());

let connection: KafkaConnection;
const open: Writer[] = [];

beforeAll(async () => {
  connection = await kafkajs({ brokers }).connect();
  for (let n = 0; n < writers; n++) {
    const producer = connection.producer({ transactionalId: `history-${run}-${n}` });
    await producer.init();
    open.push({ producer, isOpen: false, written: [] });
  }
});

afterAll(() => connection.close());

/** Interleaves transactions of all writers on one partition; answers what was committed. */
async function write(topic: string, random: () => number): Promise<ReadonlySet<string>> {
  const committed = new Set<string>();
  const end = async (writer: Writer): Promise<void> => {
    const outcome = random() < 0.5 ? 'commit' : 'abort';
    await writer.producer[outcome]();
    if (outcome === 'commit') for (const value of writer.written) committed.add(value);
    writer.isOpen = false;
    writer.written = [];
  };
  for (let step = 0; step < 25; step++) {
    const writer = open[Math.floor(random() * writers)] as Writer;
    if (!writer.isOpen) {
      writer.producer.begin();
      writer.isOpen = true;
    }
    const values = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, n) => `${step}.${n}`);
    // A key of four zeros looks like the key of an abort marker.
    const records = values.map((value) => {
      const key = random() < 0.3 ? new Uint8Array(4) : null;
      return { key, value: new TextEncoder().encode(value), timestamp: Date.now() };
    });
    await writer.producer.send([{ topic, partition: 0, records }]);
    writer.written.push(...values);
    if (random() < 0.4) await end(writer);
  }
  for (const writer of open) if (writer.isOpen) await end(writer);
  return committed;
}

/** Reads, with small fetches, until as many records came and the end stands still. */
async function read(topic: string, count: number): Promise<readonly string[]> {
  const tp = { topic, partition: 0 };
  const all = (await connection.admin.listOffsets([tp], 'latest')).get(`${topic}-0`) ?? 0;
  const reader = connection.reader({ isolation: 'read-committed', maxPartitionBytes: 300 });
  reader.assign([{ ...tp, offset: 0 }]);
  const found: string[] = [];
  const until = Date.now() + 20_000;
  while ((reader.position(tp) < all || found.length < count) && Date.now() < until) {
    for (const { records } of await reader.poll(100)) {
      found.push(...records.map(({ value }) => text(value)));
    }
  }
  await reader.close();
  return found;
}

describe('read-committed', () => {
  const within = Math.max(180_000, histories * 1_000);
  it(
    `shows exactly what was committed, in ${histories} random histories`,
    async () => {
      for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
        const topic = `history-${run}-${seed}`;
        await connection.admin.createTopics([{ topic, partitions: 1 }]);
        const committed = await write(topic, seeded(seed));
        const found = await read(topic, committed.size);
        expect({ seed, found: [...found].sort() }).toEqual({ seed, found: [...committed].sort() });
        await connection.admin.deleteTopics([topic]);
      }
    },
    within,
  );
});
