import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Guarantee } from '../../lib/runtime/Guarantee.ts';
import { topic } from '../../lib/serde/handles.ts';
import { int64 } from '../../lib/serde/number.ts';
import { string } from '../../lib/serde/string.ts';
import { Instance, type Row } from './Instance.ts';
import { until, Workbench } from './Workbench.ts';

const bench = new Workbench();
const records = 200_000;
const keys = 1_000;
const middle = 80_000;
const kills = Number(process.env.KILLS ?? 4);
const today = Date.now() - 3_600_000;
let input = '';

function* visits() {
  for (let n = 0; n < records; n++) yield { key: `k${n % keys}`, value: '', timestamp: today + n };
}

beforeAll(async () => {
  input = await bench.topic('visits', 4);
  await bench.write(topic(input, string()), visits());
});

afterAll(() => bench.close());

/** An app that counts the input, to be started and stopped. */
async function counting(guarantee: Guarantee) {
  const applicationId = bench.unique('counting');
  const output = await bench.topic('counts', 4);
  const state = bench.folder(applicationId);
  const start = (member: { readonly instanceId?: string } = {}): Instance =>
    new Instance('counting', {
      brokers: bench.brokers,
      state,
      app: { applicationId, guarantee, sessionMs: 6_000, ...member },
      input,
      output,
      workUs: 10,
    });
  const finish = async (instance: Instance): Promise<readonly Row[]> => {
    await until(
      'all is committed',
      async () => (await bench.committed(applicationId, input)) === records,
    );
    const rows = await instance.rows('counts');
    expect(await instance.stop()).toBe(0);
    return rows;
  };
  return { applicationId, output, state, start, finish };
}

const sum = (rows: readonly Row[]): number => rows.reduce((all, { value }) => all + value, 0);
const fewest = (rows: readonly Row[]): number => Math.min(...rows.map(({ value }) => value));

/** What is committed of the output counts up, key by key, without a step twice or left out. */
async function expectEachOnce(output: string): Promise<void> {
  const counts = new Map<string, number>();
  for (const { key, value } of await bench.read(topic(output, int64()))) {
    if (value !== (counts.get(key) ?? 0) + 1) throw new Error(`${key}: ${value} out of turn`);
    counts.set(key, value);
  }
  expect([...counts.values()].reduce((all, count) => all + count)).toBe(records);
}

function logged(instance: Instance): number {
  return instance.log
    .map((line) => /(\d+) changelog records replayed/.exec(line)?.[1])
    .reduce((all, count) => all + Number(count ?? 0), 0);
}

function report(name: string, figures: Record<string, number>): void {
  process.stderr.write(`${name}: ${JSON.stringify(figures)}\n`);
}

describe('a counting app that is killed in the middle', () => {
  it.each([
    ['with its checkpoint', true],
    ['without its checkpoint', false],
  ])('%s loses nothing and counts again what one commit held', async (name, keepsState) => {
    const app = await counting('at-least-once');
    const first = app.start();
    await first.killAt(middle, 60);
    const before = await bench.committed(app.applicationId, input);
    if (!keepsState) rmSync(app.state, { recursive: true });
    const second = app.start();
    const rows = await app.finish(second);
    const again = sum(rows) - records;
    const { largestCommit } = first;
    report(name, { before, again, largestCommit, replayed: second.replayed });
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(records);
    expect(rows).toHaveLength(keys);
    expect(fewest(rows)).toBeGreaterThanOrEqual(records / keys);
    // The commit that was under way may have been larger than those before it.
    expect(again).toBeLessThanOrEqual(2 * largestCommit);
    expect(logged(second)).toBe(second.replayed);
    // A commit writes each key once.
    if (keepsState) expect(second.replayed).toBeLessThanOrEqual(keys);
    else expect(second.replayed).toBeGreaterThanOrEqual(keys);
  });

  it('under exactly-once has counted each record once, also in its output', async () => {
    const app = await counting('exactly-once');
    for (const at of [20_000, 30_000]) await app.start().killAt(at);
    const last = app.start();
    const rows = await app.finish(last);
    report('exactly-once', { replayed: last.replayed });
    expect(new Set(rows.map(({ value }) => value))).toEqual(new Set([records / keys]));
    expect(rows).toHaveLength(keys);
    await expectEachOnce(app.output);
  });

  it.each(['at-least-once', 'exact-state', 'exactly-once'] as const)(
    'again and again, at any moment, keeps to %s',
    async (guarantee) => {
      const app = await counting(guarantee);
      const me = { instanceId: 'one' };
      let bound = 0;
      let replayed = 0;
      // Commits begin every 100 ms and take their time: some of these moments are inside one.
      for (let n = 1; n <= kills; n++) {
        const instance = app.start(me);
        await instance.killAt(1, 50 + ((n * 37) % 100));
        bound += 2 * instance.largestCommit;
        replayed += instance.replayed;
      }
      const last = app.start(me);
      const rows = await app.finish(last);
      const again = sum(rows) - records;
      report(`${kills} kills, ${guarantee}`, { again, bound, replayed: replayed + last.replayed });
      expect(rows).toHaveLength(keys);
      expect(fewest(rows)).toBeGreaterThanOrEqual(records / keys);
      expect(again).toBeLessThanOrEqual(guarantee === 'at-least-once' ? bound : 0);
      expect(last.processed).toBeLessThan(records);
      if (guarantee === 'exactly-once') await expectEachOnce(app.output);
    },
  );
});

describe('a counting app that is stopped in the middle', () => {
  it('goes on where it was, from its checkpoint alone', async () => {
    const app = await counting('at-least-once');
    const first = app.start();
    await until('it is in the middle', () => first.processed >= middle);
    expect(await first.stop()).toBe(0);
    const second = app.start();
    const rows = await app.finish(second);
    report('stopped', { before: first.processed, replayed: second.replayed });
    expect(first.processed).toBeLessThan(records);
    expect(new Set(rows.map(({ value }) => value))).toEqual(new Set([records / keys]));
    expect(rows).toHaveLength(keys);
    expect(logged(second)).toBe(0);
    expect(second.restored.map(({ checkpointRows }) => checkpointRows > 0)).toEqual(
      Array.from({ length: 4 }, () => true),
    );
  });
});
