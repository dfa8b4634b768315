import { describe, expect, it } from '@jest/globals';
import {
  aggregate,
  type Guarantee,
  groupByKey,
  number,
  stream,
  string,
  suppress,
  to,
  topic,
  topology,
  toStream,
  tumblingWindows,
  untilWindowCloses,
  windowed,
  windowedBy,
  windowStore,
} from 'rxkstreams';
import { type TopologyTest, topologyTest } from 'rxkstreams/testing';
import { Disk } from './Disk.ts';

// Which record is late depends on how far time had come: that is state, and survives a restart.

const amounts = topic('amounts', number());
const spend = topic('spend', windowed(string()), number());
const late = topic('late', number());
const spending = topology(() => {
  stream(amounts).pipe(
    groupByKey(),
    windowedBy(tumblingWindows({ sizeMs: 60_000, graceMs: 5_000 }), { late: to(late) }),
    aggregate(
      windowStore('spend-per-minute', number()),
      () => 0,
      (_key, amount, sum) => sum + amount,
    ),
    suppress(untilWindowCloses()),
    toStream(),
    to(spend),
  );
});

/** Key, amount and second: two come late within the grace, three after it. */
const steps = [
  'a5@0',
  'b1@30',
  'a3@59',
  'a7@64',
  'b2@59',
  'b9@65',
  'a1@58',
  'b1@59',
  'b4@130',
  'a2@61',
];

/** The windows in the order they closed, and what was too late. */
interface Outcome {
  readonly closed: readonly string[];
  readonly late: readonly string[];
}

async function run(
  guarantee: Guarantee,
  event: (test: TopologyTest, at: number) => Promise<void>,
  isDiskLost = false,
): Promise<Outcome> {
  const disk = new Disk();
  const test = await topologyTest(spending, { guarantee, state: disk, autoCommit: false });
  for (const [at, step] of steps.entries()) {
    const [, key = '', amount, second] = /(.)(.)@(.+)/.exec(step) ?? [];
    const timestamp = Number(second) * 1000;
    await test.write(amounts, { key, value: Number(amount), timestamp });
    await event(test, at);
    if (test.run.app !== null) continue;
    if (isDiskLost) disk.lose();
    await test.restart();
  }
  await test.commit();
  const closed = test
    .read(spend)
    .map(({ key, value, timestamp }) => `${key?.key}[${key?.start}]${value}@${timestamp}`);
  const missed = test.read(late).map(({ key, value }) => `${key}${value}`);
  await test.close();
  return { closed, late: missed };
}

const undisturbed: Outcome = {
  closed: ['a[0]8@59000', 'b[0]3@59000', 'a[60000]7@64000', 'b[60000]9@65000'],
  late: ['a1', 'b1', 'a2'],
};
const once = ({ closed, late: missed }: Outcome): Outcome => ({
  closed: [...new Set(closed)],
  late: [...new Set(missed)],
});

describe.each(['at-least-once', 'exact-state', 'exactly-once'] as const)('%s', (guarantee) => {
  it('undisturbed', async () => {
    expect(await run(guarantee, async () => {})).toEqual(undisturbed);
  });

  it.each([false, true])(
    'a stop after any record changes nothing (disk lost: %s)',
    async (isLost) => {
      for (const stopAt of steps.keys()) {
        const stop = (test: TopologyTest, at: number) =>
          at === stopAt ? test.close() : Promise.resolve();
        const outcome = await run(guarantee, stop, isLost);
        expect({ stopAt, ...outcome }).toEqual({ stopAt, ...undisturbed });
      }
    },
  );

  it.each([false, true])(
    'a crash after any record decides the same (disk lost: %s)',
    async (isLost) => {
      for (const crashAt of steps.keys()) {
        // Every other record is committed, so at half of the crashes one is taken again.
        const crash = async (test: TopologyTest, at: number): Promise<void> => {
          if (at % 2 === 0) await test.commit();
          if (at === crashAt) await test.crash();
        };
        const outcome = await run(guarantee, crash, isLost);
        const told = guarantee === 'exactly-once' ? outcome : once(outcome);
        expect({ crashAt, ...told }).toEqual({ crashAt, ...undisturbed });
      }
    },
  );
});
