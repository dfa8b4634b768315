import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Produced } from '../../lib/client/produce.ts';
import type { Guarantee } from '../../lib/runtime/Guarantee.ts';
import { topic } from '../../lib/serde/handles.ts';
import { int64 } from '../../lib/serde/number.ts';
import { Instance } from './Instance.ts';
import { until, Workbench } from './Workbench.ts';

// Both inputs are complete before the start: whoever reads one of them ahead of the other loses
// results.
const bench = new Workbench();
const records = Number(process.env.JOIN_RECORDS ?? 500_000);
const windowMs = 10_000;
const begin = Date.now() - 6 * 3_600_000;

afterAll(() => bench.close());

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

/** What a topic holds: its n-th record has the value n, a key by chance, and a time. */
interface Side {
  readonly keys: Int32Array;
  readonly timeOf: (n: number) => number;
}

function side(size: number, keys: number, seed: number, timeOf: (n: number) => number): Side {
  const random = seeded(seed);
  return { keys: Int32Array.from({ length: size }, () => Math.floor(random() * keys)), timeOf };
}

function* recordsOf({ keys, timeOf }: Side): Generator<Produced<string, number>> {
  for (let n = 0; n < keys.length; n++) {
    yield { key: `key-${keys[n]}`, value: n, timestamp: begin + timeOf(n) };
  }
}

function byKey({ keys }: Side): Map<number, number[]> {
  const all = new Map<number, number[]>();
  keys.forEach((key, n) => {
    const list = all.get(key);
    if (list === undefined) all.set(key, [n]);
    else list.push(n);
  });
  return all;
}

const met = (l: number, r: number): number => l * 1_000_000 + r;

/** All pairs of one key whose times are at most the window apart. */
function meetings(left: Side, right: Side): Float64Array {
  const rights = byKey(right);
  const found: number[] = [];
  for (const [key, lefts] of byKey(left)) {
    const others = rights.get(key) ?? [];
    let from = 0;
    for (const l of lefts) {
      const time = left.timeOf(l);
      while (from < others.length && right.timeOf(others[from] as number) < time - windowMs) from++;
      for (let i = from; i < others.length; i++) {
        const r = others[i] as number;
        if (right.timeOf(r) > time + windowMs) break;
        found.push(met(l, r));
      }
    }
  }
  return Float64Array.from(found).sort();
}

/** Each record of the left with the row as it was then. */
function lookups(left: Side, right: Side): Float64Array {
  const row = new Map<number, number>();
  const found: number[] = [];
  let r = 0;
  left.keys.forEach((key, l) => {
    while (r < right.keys.length && right.timeOf(r) < left.timeOf(l)) {
      row.set(right.keys[r] as number, r);
      r++;
    }
    const value = row.get(key);
    if (value !== undefined) found.push(met(l, value));
  });
  return Float64Array.from(found).sort();
}

const cases = [
  {
    kind: 'streams',
    left: side(records, 500, 1, (n) => n * 20),
    right: side(records, 500, 2, (n) => n * 20 + 10),
    loop: meetings,
  },
  {
    kind: 'table',
    left: side(2 * records, 10_000, 3, (n) => n * 10 + 5),
    right: side(records / 2, 10_000, 4, (n) => n * 40),
    loop: lookups,
  },
] as const;

describe.each(cases)('a join of complete inputs: $kind', ({ kind, left, right, loop }) => {
  const input = { left: '', right: '' };
  let expected: Float64Array = new Float64Array();

  beforeAll(async () => {
    for (const [name, one] of [
      ['left', left],
      ['right', right],
    ] as const) {
      input[name] = await bench.topic(name, 4);
      await bench.write(topic(input[name], int64()), recordsOf(one));
    }
    expected = loop(left, right);
  });

  /** Starts instances, waits until all is read, and compares; some may be killed meanwhile. */
  async function run(
    app: { readonly guarantee: Guarantee; readonly instances: number },
    disturb: (all: readonly Instance[], start: () => Instance) => Promise<readonly Instance[]>,
  ): Promise<void> {
    const { guarantee, instances } = app;
    const applicationId = bench.unique('join');
    const output = await bench.topic('met', 4);
    const start = (): Instance =>
      new Instance('joins', {
        brokers: bench.brokers,
        app: { applicationId, guarantee, heartbeatMs: 500, sessionMs: 6_000 },
        kind,
        ...input,
        output,
      });
    const done = async (): Promise<boolean> => {
      const read = await Promise.all([
        bench.committed(applicationId, input.left),
        bench.committed(applicationId, input.right),
      ]);
      return read[0] === left.keys.length && read[1] === right.keys.length;
    };
    const startedAt = Date.now();
    const all = await disturb(
      Array.from({ length: instances }, () => start()),
      start,
    );
    await until('all is joined', done, 170_000);
    const seconds = (Date.now() - startedAt) / 1_000;
    expect(await Promise.all(all.map((one) => one.stop()))).toEqual(all.map(() => 0));
    const results = await bench.read(topic(output, int64()));
    const found = Float64Array.from(results, ({ value }) => value).sort();
    const shares = all.map(({ processed }) => processed);
    const figures = { results: found.length, expected: expected.length, seconds, shares };
    const name = `${kind}, ${guarantee}, ${instances} instances`;
    process.stderr.write(`${name}: ${JSON.stringify(figures)}\n`);
    expect(found.length).toBe(expected.length);
    expect(found.every((value, i) => value === expected[i])).toBe(true);
  }

  it.each([1, 3])('gives what a plain loop gives, with %i instances', (instances) =>
    run({ guarantee: 'at-least-once', instances }, async (all) => all),
  );

  it('gives the same when one of three is killed and replaced, exactly once', () =>
    run({ guarantee: 'exactly-once', instances: 3 }, async ([victim, ...others], start) => {
      await victim?.killAt(left.keys.length / 10, 30);
      return [...others, start()];
    }));
});
