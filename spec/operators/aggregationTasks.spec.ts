import { describe, expect, it } from '@jest/globals';
import type { Observable } from 'rxjs';
import { deadLetter } from '../../lib/model/ErrorPolicy.ts';
import type { KStream } from '../../lib/model/record.ts';
import { tumblingWindows } from '../../lib/model/windows/tumblingWindows.ts';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { mapValues } from '../../lib/operators/mapValues.ts';
import { mapValuesAsync } from '../../lib/operators/mapValuesAsync.ts';
import { reduce } from '../../lib/operators/reduce.ts';
import { repartitionBy } from '../../lib/operators/repartitionBy.ts';
import { stream } from '../../lib/operators/stream.ts';
import { suppress } from '../../lib/operators/suppress.ts';
import { to } from '../../lib/operators/to.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import { untilWindowCloses } from '../../lib/operators/untilWindowCloses.ts';
import { windowedBy } from '../../lib/operators/windowedBy.ts';
import { keyValueStore, type Topic, topic, windowStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { number } from '../../lib/serde/number.ts';
import { string } from '../../lib/serde/string.ts';
import { windowed } from '../../lib/serde/windowed.ts';
import { type TopologyTest, topologyTest } from '../../lib/testing/topologyTest.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { parse, token } from './cells.ts';

const numbers = topic('numbers', number());
const out = topic('out', number());
const late = topic('late', number());
const perTen = topic('per-ten', windowed(string()), number());
const tens = tumblingWindows({ sizeMs: 10, graceMs: 0 });
const counts = windowStore('counts', number());

type Options = Parameters<typeof topologyTest>[1];
const start = (make: (source: KStream<string, number>) => Observable<unknown>, o?: Options) =>
  topologyTest(
    topology(() => void make(stream(numbers))),
    o,
  );

async function write(test: TopologyTest, input: string): Promise<void> {
  for (const text of input.split(' ')) {
    const { key, value, timestamp } = parse(text);
    await test.write(numbers, { key: key as string, value: value as number, timestamp });
  }
}

const read = (test: TopologyTest, from: Topic<never, never>): string[] =>
  test.read(from).map((result) => token(result as never));

describe('aggregations in a task', () => {
  it('late records go to their own topic, as they came', async () => {
    const test = await start((source) =>
      source.pipe(
        groupByKey(),
        windowedBy(tens, { late: to(late) }),
        count(counts),
        toStream(),
        to(perTen),
      ),
    );
    await write(test, 'a1@1 a2@12 a3@9');
    expect(read(test, perTen as never)).toEqual(['a[0,10]1@1', 'a[10,20]1@12']);
    expect(read(test, late as never)).toEqual(['a3@9']);
    await test.close();
  });

  it('on commit: one change of each key, though it changed often', async () => {
    const test = await start(
      (source) =>
        source.pipe(
          groupByKey({ emit: 'on commit' }),
          count(keyValueStore('totals', number())),
          toStream(),
          to(out),
        ),
      { autoCommit: false },
    );
    await write(test, 'b1@1 a1@2 b1@3 b1@4');
    expect(read(test, out as never)).toEqual([]);
    await test.commit();
    expect(read(test, out as never)).toEqual(['b3@4', 'a1@2']);
    await test.close();
  });

  it("on commit: a deletion has its record's time; what nobody saw is not deleted", async () => {
    const test = await start(
      (source) =>
        source.pipe(
          groupByKey({ emit: 'on commit' }),
          reduce(
            keyValueStore('sums', json<number | null>()),
            (a, b) => (a ?? 0) + (b ?? 0) || null,
          ),
          toStream(),
          to(topic('sums-out', json<number | null>())),
        ),
      { autoCommit: false },
    );
    const sums = topic('sums-out', json<number | null>());
    await write(test, 'a1@9 b1@1 b-1@2');
    await test.commit();
    await write(test, 'a-1@5');
    await test.commit();
    expect(read(test, sums as never)).toEqual(['a1@9', 'a~@5']);
    await test.close();
  });

  it('on close, once in an interval: what has closed waits, also through a restart', async () => {
    const test = await start(
      (source) =>
        source.pipe(
          groupByKey(),
          windowedBy(tens, { emit: 'on close', emitIntervalMs: 1000 }),
          count(counts),
          toStream(),
          to(perTen),
        ),
      { sessionMs: 1_000_000 },
    );
    await write(test, 'a1@1 a2@12 a3@23');
    // The first record looked; nothing had closed yet.
    expect(read(test, perTen as never)).toEqual([]);
    await test.commit();
    await test.crash();
    await test.restart();
    await test.jump(999);
    await write(test, 'a4@24');
    expect(read(test, perTen as never)).toEqual([]);
    await test.jump(1);
    await write(test, 'a5@25');
    expect(read(test, perTen as never)).toEqual(['a[0,10]1@1', 'a[10,20]1@12']);
    await write(test, 'a6@31');
    expect(read(test, perTen as never)).toEqual([]);
    await test.jump(1000);
    // Late, but a record: it looks.
    await write(test, 'a7@5');
    expect(read(test, perTen as never)).toEqual(['a[20,30]3@25']);
    await test.close();
  });

  it('an idle input closes what waits in suppress', async () => {
    const test = await start(
      (source) =>
        source.pipe(
          groupByKey(),
          windowedBy(tens),
          count(counts),
          suppress(untilWindowCloses()),
          toStream(),
          to(perTen),
        ),
      { idle: { afterMs: 1_000 } },
    );
    await write(test, 'a1@1 b1@2 a1@12');
    expect(read(test, perTen as never)).toEqual(['a[0,10]1@1', 'b[0,10]1@2']);
    await test.advance(5_000);
    expect(read(test, perTen as never)).toEqual(['a[10,20]1@12']);
    await test.close();
  });

  it('behind a repartition of several tasks nothing is late because one is ahead', async () => {
    const test = await start(
      (source) =>
        source.pipe(
          repartitionBy('by-parity', (value) => (value % 2 === 0 ? 'even' : 'odd'), {
            value: number(),
            partitions: 1,
          }),
          groupByKey(),
          windowedBy(tens, { late: to(late) }),
          count(counts),
          toStream(),
          to(perTen),
        ),
      { partitions: 2 },
    );
    const at = (partition: number, timestamp: number) => ({
      key: `p${partition}`,
      value: 1,
      timestamp,
      partition,
    });
    await test.write(numbers, at(0, 5), at(0, 95), at(1, 7));
    expect(read(test, late as never)).toEqual([]);
    await test.close();
  });
});

describe('mapValuesAsync in a task', () => {
  it('its own handler: the record goes to the dead-letter topic, the others on', async () => {
    const test = await start(
      (source) =>
        source.pipe(
          mapValuesAsync(
            async (value) => {
              if (value === 13) throw new Error('unlucky');
              return value * 2;
            },
            { concurrency: 2, order: 'key', timeoutMs: 1_000, onError: deadLetter('dead') },
          ),
          mapValues((value) => value + 1),
          to(out),
        ),
      { topics: { dead: 1 } },
    );
    await write(test, 'a1@1 a13@2 a3@3');
    expect(read(test, out as never)).toEqual(['a3@1', 'a7@3']);
    expect(read(test, topic('dead', number()) as never)).toEqual(['a13@2']);
    await test.close();
  });

  it('a timeout in virtual time, then the next attempt', async () => {
    const attempts: number[] = [];
    const test = await start((source) =>
      source.pipe(
        mapValuesAsync(
          (value, _key, { attempt }) => {
            attempts.push(attempt);
            return attempt === 1 ? new Promise<number>(() => {}) : Promise.resolve(value);
          },
          {
            concurrency: 1,
            order: 'none',
            timeoutMs: 500,
            retry: { times: 1, backoffMs: 100 },
          },
        ),
        to(out),
      ),
    );
    const written = write(test, 'a1@1');
    await test.advance(700);
    await written;
    expect(attempts).toEqual([1, 2]);
    expect(read(test, out as never)).toEqual(['a1@1']);
    await test.close();
  });
});
