import { expect, it } from '@jest/globals';
import { KafkaStreams, memoryKafka, produce } from 'rxkstreams';
import { type Event, readQuakes } from '../../samples/4-windows/data.ts';
import { gapMs, hourMs, hours, quakes, shaking, swarms } from '../../samples/4-windows/topology.ts';
import { recordsOf, recordsUntil } from '../../samples/recordsUntil.ts';

interface Row {
  key: string;
  start: number;
  end: number;
  quakes: number;
  strongest: number;
}

/** Both results, by plain loops over the same file. */
function plainLoop(all: readonly Event[]): { ended: Row[]; busiest: Map<string, number> } {
  const open = new Map<string, Row>();
  const ended: Row[] = [];
  const busiest = new Map<string, number>();
  for (const { key, value, timestamp } of all) {
    let row = open.get(key);
    if (row === undefined || timestamp - row.end > gapMs) {
      row = { key, start: timestamp, end: timestamp, quakes: 0, strongest: -10 };
      open.set(key, row);
      ended.push(row);
    }
    row.end = timestamp;
    row.quakes += 1;
    row.strongest = Math.max(row.strongest, value.magnitude);
    const near = all.filter(
      (other) =>
        other.key === key && other.timestamp <= timestamp && other.timestamp >= timestamp - hourMs,
    );
    busiest.set(key, Math.max(near.length, busiest.get(key) ?? 0));
  }
  return { ended, busiest };
}

const byPlace = (a: Row, b: Row): number => a.key.localeCompare(b.key) || a.start - b.start;

it('swarms and busiest hours are those of plain loops, each swarm told once', async () => {
  const client = memoryKafka();
  for (const { topic } of [quakes, swarms, hours]) client.createTopic({ topic, partitions: 4 });
  const all = await readQuakes();
  await produce(client, quakes, all);
  const options = { applicationId: 'shaking', client, idle: { afterMs: 200 } };
  const app = new KafkaStreams(shaking, options);
  await app.start();
  let told = 0;
  await recordsUntil(client, swarms, ({ value }) => {
    told += value?.quakes ?? 0;
    return told === all.length;
  });
  await app.close();

  const expected = plainLoop(all);
  const ended = (await recordsOf(client, swarms)).map(({ key, value }) => ({ ...key, ...value }));
  expect((ended as Row[]).sort(byPlace)).toEqual(expected.ended.sort(byPlace));
  const busiest = new Map<string, number>();
  for (const { key, value } of await recordsOf(client, hours)) {
    busiest.set(key.key, Math.max(value, busiest.get(key.key) ?? 0));
  }
  expect(busiest).toEqual(expected.busiest);
  expect(Math.max(...busiest.values())).toBeGreaterThan(3);
}, 60_000);
