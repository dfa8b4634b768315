import { describe, expect, it } from '@jest/globals';
import {
  count,
  type Guarantee,
  groupByKey,
  int64,
  keyValueStore,
  type MemoryKafka,
  stream,
  string,
  to,
  topic,
  topology,
  toStream,
} from 'rxkstreams';
import { type TopologyTest, topologyTest } from 'rxkstreams/testing';
import { Disk } from './Disk.ts';

// An app may die at any moment: counts of what it had read stay right.

const visits = topic('visits', string());
const totals = topic('totals', int64());
const counts = keyValueStore('counts', int64());
const counting = topology(() => {
  stream(visits).pipe(groupByKey(), count(counts), toStream(), to(totals));
});

/** Letters are visits of that user, `|` is a commit. */
const steps = [...'abad|da|bc|abd|'];
/** No commit holds more of one user's visits. */
const mostInCommit = 2;
const right = { a: 4, b: 3, c: 1, d: 3 };

interface Case {
  readonly guarantee: Guarantee;
  readonly partitions: number;
  readonly isDiskLost: boolean;
}
const cases: Case[] = (['at-least-once', 'exact-state', 'exactly-once'] as const).flatMap(
  (guarantee) =>
    [1, 3].flatMap((partitions) =>
      [false, true].map((isDiskLost) => ({ guarantee, partitions, isDiskLost })),
    ),
);

/** All steps, one after the other; `event` may make something happen after each, or instead. */
async function run(
  { guarantee, partitions, isDiskLost }: Case,
  event: (test: TopologyTest, at: number, step: string) => Promise<'done' | 'not yet'>,
): Promise<{ rows: Record<string, number>; out: Record<string, number[]> }> {
  const disk = new Disk();
  const options = { guarantee, partitions, state: disk, autoCommit: false };
  const test = await topologyTest(counting, options);
  for (const [at, step] of steps.entries()) {
    if (step !== '|') await test.write(visits, { key: step, value: '/', timestamp: at });
    const isDone = await event(test, at, step);
    if (test.run.app === null || test.run.app.state === 'closed') {
      if (isDiskLost) disk.lose();
      await test.restart();
    }
    if (step === '|' && isDone === 'not yet') await test.commit();
  }
  await test.commit();
  const rows = (await test.rows(counts)).map(({ key, value }) => [key, value] as const);
  const out: Record<string, number[]> = {};
  for (const { key, value } of test.read(totals))
    out[key ?? ''] = [...(out[key ?? ''] ?? []), value ?? 0];
  await test.close();
  return { rows: Object.fromEntries(rows), out };
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const exact = Object.fromEntries(Object.entries(right).map(([key, n]) => [key, upTo(n)]));

describe.each(cases)('$guarantee, $partitions partitions, disk lost: $isDiskLost', (c) => {
  it('a crash after any step, between commits, leaves exact counts', async () => {
    for (const crashAt of steps.keys()) {
      const { rows, out } = await run(c, async (test, at) => {
        if (at === crashAt) await test.crash();
        return 'not yet';
      });
      expect({ crashAt, rows }).toEqual({ crashAt, rows: right });
      if (c.guarantee === 'exactly-once') expect({ crashAt, out }).toEqual({ crashAt, out: exact });
      // Outputs to users' topics may come again; none is left out, and the last is right.
      const last = Object.fromEntries(Object.entries(out).map(([key, seen]) => [key, seen.at(-1)]));
      expect({ crashAt, last }).toEqual({ crashAt, last: right });
      for (const [key, all] of Object.entries(exact)) {
        expect(out[key]).toEqual(expect.arrayContaining(all));
      }
    }
  });

  it('a stop after any step is exact, outputs too', async () => {
    for (const stopAt of steps.keys()) {
      const { rows, out } = await run(c, async (test, at) => {
        if (at === stopAt) await test.close();
        return 'not yet';
      });
      expect({ stopAt, rows, out }).toEqual({ stopAt, rows: right, out: exact });
    }
  });

  it('a crash in the middle of a commit counts again at most what that commit held', async () => {
    const commits = steps.flatMap((step, at) => (step === '|' ? [at] : [])).slice(0, 2);
    let again = 0;
    for (const crashAt of commits) {
      // One call further each time, until a commit comes to its end before.
      for (let call = 0, isCut = true; isCut; call++) {
        for (const isMade of [false, true]) {
          isCut = false;
          const { rows, out } = await run(c, async (test, at) => {
            if (at !== crashAt) return 'not yet';
            isCut = await dieAtCall(test, call, isMade);
            return 'done';
          });
          const where = `crash at ${crashAt}, call ${call}, made: ${isMade}`;
          if (c.guarantee !== 'at-least-once')
            expect({ where, rows }).toEqual({ where, rows: right });
          if (c.guarantee === 'exactly-once') expect({ where, out }).toEqual({ where, out: exact });
          const more = Object.entries(right).map(([key, n]) => (rows[key] ?? 0) - n);
          const isWithin = more.every((n) => n >= 0 && n <= mostInCommit);
          expect({ where, rows, isWithin }).toEqual({ where, rows, isWithin: true });
          again += Math.max(...more);
        }
      }
    }
    // The bound is met: where the changelog was written and the offsets were not.
    expect(again > 0).toBe(c.guarantee === 'at-least-once');
  });
});

/**
 * Commits, and dies before the so-manieth call to the cluster, or before its answer. False: there
 * were not so many.
 */
async function dieAtCall(test: TopologyTest, call: number, isMade: boolean): Promise<boolean> {
  const kafka: MemoryKafka = test.run.kafka;
  const background = ['fetch', 'heartbeat', 'admin'];
  let calls = 0;
  kafka.intercept = ({ api }) => {
    if (background.includes(api)) return 'pass';
    calls += 1;
    if (calls <= call) return 'pass';
    return isMade && calls === call + 1 ? 'lose-response' : new Promise(() => {});
  };
  void test.run.app?.commit().catch(() => undefined);
  await test.run.settle();
  await test.crash();
  kafka.intercept = null;
  return calls > call;
}
