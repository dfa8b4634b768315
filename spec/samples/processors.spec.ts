import { expect, it } from '@jest/globals';
import { KafkaStreams, memoryKafka, produce } from 'rxkstreams';
import { readDays } from '../../samples/7-processors/data.ts';
import { surprising } from '../../samples/7-processors/surprising.ts';
import { diary, quarterMs, watching, weather } from '../../samples/7-processors/topology.ts';
import { recordsOf } from '../../samples/recordsUntil.ts';

/** The diary as a plain loop over the same file writes it. */
async function plainLoop(): Promise<string[]> {
  const before = new Map<string, number[]>();
  const counts = new Map<string, number>();
  const lines: string[] = [];
  let due = 0;
  for (const { key, value, timestamp } of await readDays()) {
    const at = new Date(timestamp).toISOString().slice(0, 10);
    const temperatures = before.get(key) ?? [];
    before.set(key, [...temperatures, value.warmest]);
    const surprise = surprising(value.warmest, temperatures.slice(-30));
    if (surprise !== null) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      lines.push(`${at} ${key} ${surprise}, ${value.weather}`);
    }
    if (timestamp < due) continue;
    due = (Math.floor(timestamp / quarterMs) + 1) * quarterMs;
    for (const [city, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      lines.push(`${at} ${city} surprises since the last report: ${count}`);
    }
    counts.clear();
  }
  return lines;
}

it('the diary is what a plain loop writes, line by line', async () => {
  const client = memoryKafka();
  for (const { topic } of [weather, diary]) client.createTopic({ topic, partitions: 1 });
  await produce(client, weather, await readDays());
  const app = new KafkaStreams(watching, { applicationId: 'watching', client });
  await app.start();
  await app.idle();
  await app.close();
  const written = (await recordsOf(client, diary)).map(
    ({ key, value }) => `${value.at} ${key} ${value.what}`,
  );
  const expected = await plainLoop();
  expect(written).toEqual(expected);
  expect(expected.filter((line) => line.includes('report')).length).toBeGreaterThan(20);
}, 60_000);
