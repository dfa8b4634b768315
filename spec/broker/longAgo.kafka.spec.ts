import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { bytes } from '../../lib/serde/bytes.ts';
import { topic } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { string } from '../../lib/serde/string.ts';
import { windowed } from '../../lib/serde/windowed.ts';
import { type Broker, startBroker } from './Broker.ts';
import { Instance } from './Instance.ts';
import { until, Workbench } from './Workbench.ts';

// Brokers compare the time of a record with their own: what is old enough for them is deleted or
// refused.
const forced = {
  'log.retention.ms': 2_000,
  'log.retention.check.interval.ms': 500,
  'log.segment.bytes': 1_048_576,
  'log.roll.ms': 1_000,
  'log.segment.delete.delay.ms': 100,
  'log.initial.task.delay.ms': 500,
  'log.cleaner.backoff.ms': 300,
  'log.cleaner.min.cleanable.ratio': 0.01,
  'log.cleaner.delete.retention.ms': 500,
  'log.message.timestamp.before.max.ms': 86_400_000,
};
const kept = {
  'retention.ms': '-1',
  'message.timestamp.before.max.ms': '9223372036854775807',
};

const half = 20_000;
const devices = 500;
const hourMs = 3_600_000;
const begin = Date.UTC(2001, 0, 1);

interface Reading {
  readonly room: string;
  readonly value: number;
}

function reading(n: number) {
  const value: Reading = { room: `room-${(n * 7) % 13}`, value: n % 101 };
  return { key: `device-${n % devices}`, value, timestamp: begin + n * 20_000 };
}

function* readings(from: number) {
  for (let n = from; n < from + half; n++) yield reading(n);
}

/** What a loop over all readings gives. */
function expected(): string[] {
  const windows = new Map<string, { readings: number; sum: number }>();
  for (let n = 0; n < 2 * half; n++) {
    const { value, timestamp } = reading(n);
    const id = `${value.room} ${timestamp - (timestamp % hourMs)}`;
    const one = windows.get(id) ?? { readings: 0, sum: 0 };
    windows.set(id, { readings: one.readings + 1, sum: one.sum + value.value });
  }
  return [...windows].map(([id, { readings, sum }]) => `${id} ${readings} ${sum}`).sort();
}

let broker: Broker;
let bench: Workbench;

beforeAll(async () => {
  broker = await startBroker(forced);
  bench = new Workbench(broker.address);
});

afterAll(async () => {
  await bench?.close();
  await broker?.stop();
});

/** Offsets that a topic has given, and records that are still there. */
async function inLog(name: string): Promise<{ written: number; there: number }> {
  const { admin } = await bench.connection();
  const tps = [0, 1, 2, 3].map((partition) => ({ topic: name, partition }));
  const ends = await admin.listOffsets(tps, 'latest');
  const written = [...ends.values()].reduce((sum, end) => sum + end, 0);
  const there = (await bench.read(topic(name, bytes(), bytes()))).length;
  return { written, there };
}

/** What the broker does to those who ask for nothing, or for compaction. */
async function controls() {
  const { 'retention.ms': _, ...anyTime } = kept;
  const deleted = await bench.topic('deleted', 4, anyTime);
  const compacted = await bench.topic('compacted', 4, { ...kept, 'cleanup.policy': 'compact' });
  for (const name of [deleted, compacted]) {
    await bench.write(topic(name, json<Reading>()), readings(0));
  }
  return async () => {
    // Only what lies before the segment written to is compacted.
    await bench.write(topic(compacted, json<Reading>()), [reading(0)]);
    await until('what is not protected is gone', async () => (await inLog(deleted)).there === 0);
    await until('what can be compacted is', async () => (await inLog(compacted)).there < half);
  };
}

it('loses nothing of 2001 where brokers compact and delete as soon as they can', async () => {
  const input = await bench.topic('readings', 4, kept);
  const output = await bench.topic('rooms', 4, kept);
  const applicationId = bench.unique('dated');
  const start = (state: string): Instance =>
    new Instance('dated', {
      brokers: broker.address,
      state: bench.folder(state),
      app: {
        applicationId,
        guarantee: 'exactly-once',
        instanceId: 'one',
        sessionMs: 30_000,
        idle: { afterMs: 3_000 },
      },
      input,
      output,
      workUs: 50,
    });
  const source = topic(input, json<Reading>());
  const repartition = `${applicationId}-by-room-repartition`;
  const changelogs = ['per-device', 'per-room'].map((s) => `${applicationId}-${s}-changelog`);
  await bench.write(source, readings(0));
  const areForced = await controls();

  // Twice: only what a second one writes makes the first one's segments old.
  for (const name of ['first', 'second']) await start(name).killAt(half / 2);
  const read = await bench.committed(applicationId, repartition);
  const { written, there } = await inLog(repartition);
  expect(written).toBeGreaterThan(read);
  await areForced();
  expect((await inLog(repartition)).there).toBe(there);

  // Each has a folder of its own, and only the changelogs to begin with.
  const third = start('third');
  await bench.write(source, readings(half));
  const rooms = topic(output, windowed(string(), { sizeMs: hourMs }), json<Sum>());
  const all = expected();
  await until('all hours are over', async () => (await bench.read(rooms)).length >= all.length);
  const counts = await third.rows('perDevice');
  expect(await third.stop()).toBe(0);
  const logs = await Promise.all(changelogs.map(inLog));
  const figures = { there, unread: written - read, replayed: third.replayed, logs };
  process.stderr.write(`2001: ${JSON.stringify(figures)}\n`);
  expect(third.replayed).toBeGreaterThan(0);
  expect(new Set(counts.map(({ value }) => value))).toEqual(new Set([(2 * half) / devices]));
  expect(counts).toHaveLength(devices);
  const found = (await bench.read(rooms)).map(({ key, value: { readings, sum } }) => {
    return `${key.key} ${key.start} ${readings} ${sum}`;
  });
  expect(found.sort()).toEqual(all);
});

interface Sum {
  readonly readings: number;
  readonly sum: number;
}
