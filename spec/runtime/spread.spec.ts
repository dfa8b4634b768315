import { describe, expect, it } from '@jest/globals';
import { tumblingWindows } from '../../lib/model/windows/tumblingWindows.ts';
import { count } from '../../lib/operators/count.ts';
import { globalTable } from '../../lib/operators/globalTable.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { join } from '../../lib/operators/join.ts';
import { repartitionBy } from '../../lib/operators/repartitionBy.ts';
import { stream } from '../../lib/operators/stream.ts';
import { suppress } from '../../lib/operators/suppress.ts';
import { table } from '../../lib/operators/table.ts';
import { to } from '../../lib/operators/to.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import { untilWindowCloses } from '../../lib/operators/untilWindowCloses.ts';
import { windowedBy } from '../../lib/operators/windowedBy.ts';
import { keyValueStore, topic, windowStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { string } from '../../lib/serde/string.ts';
import { windowed } from '../../lib/serde/windowed.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { Bench, input, other, output } from './support/harness.ts';

const numbers = topic('counted', json<number>());
const hours = topic('hours', windowed(string()), json<number>());
const perKey = keyValueStore('per-key', json<number>());
const perHour = windowStore('per-hour', json<number>());

const byValue = topology(() => {
  stream(input).pipe(
    repartitionBy('by-value', (value) => value),
    groupByKey(),
    count(perKey),
    toStream(),
    to(numbers),
  );
});
const closing = topology(() => {
  stream(input).pipe(
    repartitionBy('by-value', (value) => value),
    groupByKey(),
    windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 0 })),
    count(perHour),
    suppress(untilWindowCloses()),
    toStream(),
    to(hours),
  );
});
const windows = (bench: Bench): string[] =>
  bench.kafka
    .records('hours', 0)
    .map(({ key, value }) => {
      const at = hours.key.decode(key as Uint8Array);
      return `${at.key}@${at.start}:${hours.value.decode(value as Uint8Array)}`;
    })
    .sort();

describe('behind a repartition', () => {
  it('all records of a key are counted in one place', async () => {
    const bench = new Bench({ in: 3, counted: 1 });
    for (const partition of [0, 1, 2]) bench.send('in', 'ax bx cy', { partition });
    const app = await bench.started(byValue);
    await bench.settle();
    expect(await app.store(perKey).get('x')).toBe(6);
    expect(await app.store(perKey).get('y')).toBe(3);
    expect(bench.kafka.partitions('app-by-value-repartition')).toBe(3);
    await bench.run(app.close());
  });

  it('no record is late because another task was faster', async () => {
    const bench = new Bench({ in: 2, hours: 1 });
    bench.send('in', 'ax@1 ax@15 ax@35 ax@55', { partition: 0 });
    const app = await bench.started(closing);
    await bench.settle();
    bench.send('in', 'bx@2 bx@16 bx@36 bx@57', { partition: 1 });
    await bench.settle();
    expect(app.metrics().recordsDropped).toEqual({});
    expect(windows(bench)).toEqual(['x@0:2', 'x@10:2', 'x@30:2']);
  });

  it('a quiet input counts as finished after its time', async () => {
    const bench = new Bench({ in: 2, hours: 1 });
    const app = await bench.started(closing, { idle: { afterMs: 5000 } });
    bench.send('in', 'ax@1 ax@15', { partition: 0 });
    await bench.settle(4000);
    expect(windows(bench)).toEqual([]);
    await bench.settle(3000);
    expect(windows(bench)).toEqual(['x@0:1', 'x@10:1']);
    // What was closed stays closed, also after a restart.
    await bench.run(app.close());
    const again = await bench.started(closing);
    bench.send('in', 'ax@3', { partition: 0 });
    await bench.settle();
    expect(again.metrics().recordsDropped).toEqual({ late: 1 });
  });
});

describe('topics that are joined', () => {
  const joined = topology(() => {
    stream(input).pipe(
      join(table(other), (a, b) => a + b),
      to(output),
    );
  });

  it('must have equally many partitions', async () => {
    const bench = new Bench({ in: 3, other: 4, out: 1 });
    await expect(bench.run(bench.app(joined).start())).rejects.toMatchObject({
      code: 'NOT_COPARTITIONED',
      message: expect.stringMatching(/in has 3 partitions, other has 4 partitions.*repartition/),
    });
  });

  it('are taken in order of time, whatever was fetched first', async () => {
    const bench = new Bench({ in: 1, other: 1, out: 1 });
    bench.send('in', 'a1@10 a2@30');
    bench.send('other', 'ax@5 ay@20 az@40');
    await bench.started(joined);
    await bench.settle();
    expect(bench.read('out')).toBe('a1x a2y');
  });
});

describe('a global table', () => {
  it('is whole in every task before the first record, and follows its topic', async () => {
    const bench = new Bench({ in: 2, other: 3, out: 1 });
    bench.send('other', 'kx', { partition: 2 });
    const rows = keyValueStore('everywhere', string());
    const app = bench.app(
      topology(() => {
        stream(input).pipe(
          join(
            globalTable(other, { store: rows }),
            (record) => record.value,
            (a, b) => a + b,
          ),
          to(output),
        );
      }),
    );
    bench.send('in', 'ak', { partition: 1 });
    await bench.run(app.start());
    await bench.settle();
    bench.send('other', 'ly', { partition: 0 });
    await bench.settle();
    bench.send('in', 'bl', { partition: 0 });
    await bench.settle();
    expect(bench.read('out')).toBe('akx bly');
    expect(await app.store(rows).get('k')).toBe('x');
    expect(app.store(rows).locate('k').local).toBe(true);
  });
});

describe('two instances', () => {
  it('share the tasks, and take over what one leaves', async () => {
    const bench = new Bench({ in: 4, counted: 1 });
    const counting = topology(() => {
      stream(input).pipe(groupByKey(), count(perKey), toStream(), to(numbers));
    });
    const one = await bench.started(counting, { endpoint: 'http://one' });
    for (const partition of [0, 1, 2, 3]) bench.send('in', `${'abcd'[partition]}x`, { partition });
    await bench.settle();
    const two = await bench.started(counting, { endpoint: 'http://two' });
    await bench.settle(5000);
    const tasks = async (app: typeof one): Promise<string> =>
      (await app.store(perKey).all()).map(({ key }) => key).join('');
    expect((await tasks(one)).length).toBe(2);
    expect((await tasks(two)).length).toBe(2);

    two.kill();
    await bench.settle(30_000);
    expect(await tasks(one)).toHaveLength(4);
    for (const partition of [0, 1, 2, 3]) bench.send('in', `${'abcd'[partition]}x`, { partition });
    await bench.settle();
    expect((await one.store(perKey).all()).map(({ value }) => value)).toEqual([2, 2, 2, 2]);
    await bench.run(one.close());
  });

  it('tell where a key is, and say goodbye to who watches it', async () => {
    const bench = new Bench({ in: 2, counted: 1 });
    const counting = topology(() => {
      stream(input).pipe(groupByKey(), count(perKey), toStream(), to(numbers));
    });
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const encoder = new TextEncoder();
    const one = await bench.started(counting, { endpoint: 'http://one' });
    for (const key of keys) {
      bench.kafka.append('in', undefined, {
        key: encoder.encode(key),
        value: encoder.encode('x'),
        timestamp: 0,
      });
    }
    await bench.settle();
    const seen = new Map<string, unknown[]>(keys.map((key) => [key, []]));
    for (const key of keys) {
      one
        .store(perKey)
        .watch(key)
        .subscribe({
          next: (value) => seen.get(key)?.push(value),
          error: (error) => seen.get(key)?.push(`${error.code} ${error.endpoint}`),
        });
    }
    const two = await bench.started(counting, { endpoint: 'http://two' });
    await bench.settle(5000);
    const moved = keys.filter((key) => !one.store(perKey).locate(key).local);
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.length).toBeLessThan(keys.length);
    for (const key of keys) {
      const there = moved.includes(key);
      expect(one.store(perKey).locate(key).endpoint).toBe(there ? 'http://two' : 'http://one');
      expect(two.store(perKey).locate(key).local).toBe(there);
      expect(seen.get(key)).toEqual(there ? [1, 'STORE_MOVED http://two'] : [1]);
      const asked = one.store(perKey).get(key);
      if (there)
        await expect(asked).rejects.toMatchObject({ code: 'STORE_MOVED', endpoint: 'http://two' });
      else expect(await asked).toBe(1);
    }
  });
});
