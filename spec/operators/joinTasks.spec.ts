import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { KTable } from '../../lib/model/record.ts';
import { filterTable } from '../../lib/operators/filterTable.ts';
import { join } from '../../lib/operators/join.ts';
import { outerJoin } from '../../lib/operators/outerJoin.ts';
import { repartitionBy } from '../../lib/operators/repartitionBy.ts';
import { stream } from '../../lib/operators/stream.ts';
import { suppress } from '../../lib/operators/suppress.ts';
import { table } from '../../lib/operators/table.ts';
import { to } from '../../lib/operators/to.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import { untilTimeLimit } from '../../lib/operators/untilTimeLimit.ts';
import { keyValueStore, topic } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { string } from '../../lib/serde/string.ts';
import { topologyTest } from '../../lib/testing/topologyTest.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { parse, token } from './cells.ts';

const lefts = topic('lefts', string());
const rights = topic('rights', string());
const out = topic('out', string());
const window = { name: 'pairs', beforeMs: 5, afterMs: 10, graceMs: 0 };
const shown = (test: Awaited<ReturnType<typeof topologyTest>>): string[] =>
  test.read(out).map(({ key, value, timestamp }) => `${key}=${value}@${timestamp}`);

interface Input {
  readonly key: string;
  readonly value: string;
  readonly timestamp: number;
}

const inputs = (side: string): fc.Arbitrary<Input[]> =>
  fc
    .array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), timestamp: fc.nat(100) }))
    .map((all) =>
      all
        .map((one, i) => ({ ...one, value: `${side}${i}` }))
        .sort((a, b) => a.timestamp - b.timestamp),
    );

describe('joins of streams in tasks', () => {
  it('give what a plain loop gives, whichever topic is read first, across a crash', async () => {
    const pairs = topology(() => {
      stream(lefts).pipe(
        join(stream(rights), window, (l, r) => `${l}+${r}`),
        to(out),
      );
    });
    await fc.assert(
      fc.asyncProperty(inputs('L'), inputs('R'), fc.nat(100), async (left, right, cut) => {
        const test = await topologyTest(pairs, {
          topics: { lefts: 2, rights: 2, out: 1 },
          guarantee: 'exactly-once',
        });
        for (const isDue of [(at: number) => at < cut, (at: number) => at >= cut]) {
          await test.crash();
          for (const [name, all] of [
            ['lefts', left],
            ['rights', right],
          ] as const) {
            for (const one of all.filter(({ timestamp }) => isDue(timestamp))) {
              test.run.kafka.append(name, undefined, encoded(one));
            }
          }
          await test.restart();
          await test.commit();
        }
        expect(shown(test).sort()).toEqual(expected(left, right).sort());
        await test.close();
      }),
      { numRuns: 25 },
    );
  });

  it('an idle input closes what met none, however long its side waits', async () => {
    const test = await topologyTest(
      topology(() => {
        stream(lefts).pipe(
          outerJoin(stream(rights), window, (l, r) => `${l}+${r}`),
          to(out),
        );
      }),
      { idle: { afterMs: 1000 } },
    );
    await test.write(rights, { key: 'a', value: 'R', timestamp: 4 });
    await test.write(lefts, { key: 'b', value: 'L', timestamp: 3 });
    await test.advance(5000);
    expect(shown(test)).toEqual(['b=L+null@3', 'a=null+R@4']);
    await test.close();
  });

  it('behind repartitions no task that is ahead makes the others late', async () => {
    const test = await topologyTest(
      topology(() => {
        const right = stream(rights).pipe(repartitionBy('rights-by-value', (value) => value));
        stream(lefts).pipe(
          repartitionBy('lefts-by-value', (value) => value),
          join(right, window, (l, r) => `${l}+${r}`),
          to(out),
        );
      }),
      { topics: { lefts: 2, rights: 2, out: 1 } },
    );
    const at = (partition: number, value: string, timestamp: number) => ({
      key: 'k',
      value,
      timestamp,
      partition,
    });
    await test.write(lefts, at(0, 'x', 1000), at(1, 'x', 3));
    await test.write(rights, at(0, 'x', 1001), at(1, 'x', 4));
    expect(shown(test).sort()).toEqual(['x=x+x@1001', 'x=x+x@4']);
    await test.close();
  });
});

function encoded({ key, value, timestamp }: Input) {
  return { key: string().encode(key), value: string().encode(value), timestamp, headers: [] };
}

/** Pairs within the window. */
function expected(left: readonly Input[], right: readonly Input[]): string[] {
  return left.flatMap((l) =>
    right
      .filter((r) => r.key === l.key)
      .filter(({ timestamp }) => timestamp >= l.timestamp - 5 && timestamp <= l.timestamp + 10)
      .map((r) => `${l.key}=${l.value}+${r.value}@${Math.max(l.timestamp, r.timestamp)}`),
  );
}

type Pair = readonly (number | null)[];

describe('a table joined with itself in a task', () => {
  const rows = topic('rows', json<number | null>());
  const pair = (l: number | null, r: number | null): Pair => [l, r];
  const pairs = topic('pairs', json<Pair | null>());

  async function outOf(
    make: (rows: KTable<string, number | null>) => KTable<string, Pair | null>,
    input: string,
  ): Promise<string[]> {
    const test = await topologyTest(
      topology(() => {
        make(table(rows)).pipe(toStream(), to(pairs));
      }),
    );
    for (const text of input.split(' ')) {
      const { key, value, timestamp } = parse(text);
      await test.write(rows, { key: key as string, value: value as number, timestamp });
    }
    const results = test.read(pairs).map((one) => token(one as never));
    await test.close();
    return results;
  }

  it('a join with a store tells the row before as both rows before make it', async () => {
    const store = keyValueStore('pairs-kept', json<Pair>());
    const paired = (one: KTable<string, number | null>) =>
      one.pipe(
        outerJoin(one, pair, { store }),
        // Silent where neither the row nor the row before is there.
        filterTable(() => true),
      );
    const expected = ['a[1,1]@1', 'a[1,1]@1', 'a~@5', 'a~@5'];
    expect(await outOf(paired as never, 'a1@1 a~@5')).toEqual(expected);
  });

  it('behind suppress, the other side is the row before while a change goes through', async () => {
    const paired = (one: KTable<string, number | null>) => {
      const late = one.pipe(suppress(untilTimeLimit({ limitMs: 10 })));
      return late.pipe(outerJoin(late, pair));
    };
    const expected = ['a[1,null]@1', 'a[null,1]@1', 'b[2,null]@20', 'b[null,2]@20'];
    expect(await outOf(paired, 'a1@1 b2@20 c3@40')).toEqual(expected);
  });
});
