import { afterAll, describe, expect, it } from '@jest/globals';
import type { Guarantee } from '../../lib/runtime/Guarantee.ts';
import { topic } from '../../lib/serde/handles.ts';
import { string } from '../../lib/serde/string.ts';
import { Instance, type Row } from './Instance.ts';
import { until, Workbench } from './Workbench.ts';

const bench = new Workbench();
const keys = 1_000;
const part = 100_000;
const today = Date.now() - 3_600_000;

afterAll(() => bench.close());

function* visits(from: number) {
  for (let n = from; n < from + part; n++) {
    yield { key: `k${n % keys}`, value: '', timestamp: today + n };
  }
}

/** Counts of all instances, each key once. */
async function countsOf(instances: readonly Instance[]): Promise<Map<string, number>> {
  const rows: Row[] = [];
  for (const instance of instances) rows.push(...(await instance.rows('counts')));
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  return new Map(rows.map(({ key, value }) => [key, value]));
}

describe('instances that share four partitions', () => {
  it.each(['at-least-once', 'exactly-once'] as const)(
    'take over what a killed one had, and share with a new one: %s',
    async (guarantee) => {
      const input = await bench.topic('visits', 4);
      const output = await bench.topic('counts', 4);
      const applicationId = bench.unique('shared');
      const start = (name: string, g: Guarantee = guarantee): Instance =>
        new Instance('counting', {
          brokers: bench.brokers,
          state: bench.folder(`${applicationId}-${name}`),
          app: { applicationId, guarantee: g, sessionMs: 6_000, heartbeatMs: 500 },
          input,
          output,
          workUs: 40,
        });
      const visited = topic(input, string());
      const caughtUp = async (sum: number): Promise<void> => {
        const holds = async () => (await bench.committed(applicationId, input)) === sum;
        await until(`${sum} are committed`, holds);
      };

      const [a, b] = [start('a'), start('b')];
      await until('both have two tasks', () => a.owned.length === 2 && b.owned.length === 2);
      await bench.write(visited, visits(0));
      await b.killAt(part / 5, 50);
      const killedAt = Date.now();
      await until('the other has all tasks', () => a.owned.length === 4);
      const takenAfterMs = Date.now() - killedAt;
      await caughtUp(part);
      const counts = await countsOf([a]);
      const again = [...counts.values()].reduce((all, n) => all + n, 0) - part;
      const { largestCommit } = b;
      const figures = { again, largestCommit, takenAfterMs, replayed: a.replayed };
      process.stderr.write(`${guarantee}: ${JSON.stringify(figures)}\n`);
      expect(counts.size).toBe(keys);
      expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(part / keys);
      expect(again).toBeLessThanOrEqual(guarantee === 'at-least-once' ? 2 * largestCommit : 0);
      // Nothing of the other's checkpoints is here: its changelogs were read.
      expect(a.replayed).toBeGreaterThan(0);

      // The third comes while there is work, and nothing is counted twice by that.
      await bench.write(visited, visits(part));
      const c = start('c');
      await until('the third has its share', () => a.owned.length === 2 && c.owned.length === 2);
      await caughtUp(2 * part);
      const after = await countsOf([a, c]);
      expect([...after.values()].reduce((all, n) => all + n, 0)).toBe(2 * part + again);
      expect(after.size).toBe(keys);
      expect(c.processed).toBeGreaterThan(0);
      expect(await Promise.all([a.stop(), c.stop()])).toEqual([0, 0]);
    },
  );
});
