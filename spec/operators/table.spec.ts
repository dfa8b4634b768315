import { describe, expect, it } from '@jest/globals';
import { share } from 'rxjs';
import { join } from '../../lib/operators/join.ts';
import { leftJoin } from '../../lib/operators/leftJoin.ts';
import { stream } from '../../lib/operators/stream.ts';
import { table } from '../../lib/operators/table.ts';
import { to } from '../../lib/operators/to.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import { keyValueStore, topic, versionedStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { string } from '../../lib/serde/string.ts';
import { topologyTest } from '../../lib/testing/topologyTest.ts';
import { topology } from '../../lib/topology/Topology.ts';

const names = topic('names', string());
const orders = topic('orders', string());
const out = topic('out', json<string | null>());
const shown = ({ key, value, timestamp }: { key: unknown; value: unknown; timestamp: number }) =>
  `${key}=${value}@${timestamp}`;
const row = (key: string | null, value: string | null, timestamp: number) => ({
  key,
  value,
  timestamp,
});

describe('table', () => {
  it('outside a topology is an error that says where it belongs', () => {
    expect(() => table(names)).toThrow(/inside topology/);
  });

  it('tells every change, equal ones and older ones too; null keys are left out', async () => {
    const test = await topologyTest(
      topology(() => {
        table(names).pipe(toStream(), to(out));
      }),
    );
    await test.write(names, row('a', 'Ann', 10), row('a', 'Ann', 10), row(null, 'x', 11));
    await test.write(names, row('a', 'Al', 5), row('a', null, 12), row('b', null, 13));
    expect(test.read(out).map(shown)).toEqual([
      'a=Ann@10',
      'a=Ann@10',
      'a=Al@5',
      'a=null@12',
      'b=null@13',
    ]);
    await test.close();
  });

  it('comes back from its own topic: it has no changelog', async () => {
    const test = await topologyTest(
      topology(() => {
        stream(orders).pipe(
          leftJoin(table(names), (order, name) => `${order}+${name}`),
          to(out),
        );
      }),
      { partitions: 2 },
    );
    await test.write(names, row('a', 'Ann', 1), row('b', 'Bo', 2), row('b', null, 3));
    await test.commit();
    await test.crash();
    await test.restart();
    await test.write(orders, row('a', 'o1', 5), row('b', 'o2', 6));
    expect(test.read(out).map(shown).sort()).toEqual(['a=o1+Ann@5', 'b=o2+null@6']);
    expect(() => test.changelogSize({ store: 'names' })).toThrow(/no topic/);
    await test.close();
  });

  it('can be asked under a name of its own', async () => {
    const store = keyValueStore('names-by-id', string());
    const test = await topologyTest(topology(() => void table(names, { store })));
    await test.write(names, row('a', 'Ann', 1));
    expect(await test.run.app?.store(store, { view: 'current' }).get('a')).toBe('Ann');
    await test.close();
  });

  it('takes event time from the value; a negative one leaves the record out', async () => {
    const timed = topic('timed', json<{ at: number }>());
    const test = await topologyTest(
      topology(() => {
        table(timed, { timestampOf: ({ value }) => (value as { at: number }).at }).pipe(
          toStream(),
          to(topic('out', json<{ at: number } | null>())),
        );
      }),
    );
    await test.write(timed, { key: 'a', value: { at: 7 }, timestamp: 100 });
    await test.write(timed, { key: 'a', value: { at: -1 }, timestamp: 101 });
    expect(test.read(out).map(({ timestamp }) => timestamp)).toEqual([7]);
    await test.close();
  });

  it('two consumers behind share(): a diamond delivers in build order', async () => {
    const test = await topologyTest(
      topology(() => {
        const all = table(names).pipe(share());
        all.pipe(
          join(all, (left, right) => `${left}+${right}`),
          toStream(),
          to(out),
        );
      }),
    );
    await test.write(names, row('a', 'A', 1), row('a', 'B', 2));
    expect(test.read(out).map(shown)).toEqual(['a=A+A@1', 'a=A+A@1', 'a=B+B@2', 'a=B+B@2']);
    await test.close();
  });
});

describe('table: versioned', () => {
  const history = versionedStore('names-history', string(), { retentionMs: 100 });

  it('a stream meets the row of its own time, also after a crash', async () => {
    const test = await topologyTest(
      topology(() => {
        stream(orders).pipe(
          leftJoin(table(names, { store: history }), (order, name) => `${order}+${name}`),
          to(out),
        );
      }),
    );
    await test.write(names, row('a', 'A10', 10), row('a', 'A30', 30), row('a', 'A20', 20));
    await test.write(names, row('a', null, 40));
    await test.commit();
    await test.crash();
    await test.restart();
    for (const at of [5, 10, 25, 39, 40]) await test.write(orders, row('a', 'o', at));
    expect(test.read(out).map(shown)).toEqual([
      'a=o+null@5',
      'a=o+A10@10',
      'a=o+A20@25',
      'a=o+A30@39',
      'a=o+null@40',
    ]);
    await test.close();
  });

  it('refuses rows older than its history; the latest can be read however old it is', async () => {
    const test = await topologyTest(
      topology(() => {
        stream(orders).pipe(
          leftJoin(table(names, { store: history }), (order, name) => `${order}+${name}`),
          to(out),
        );
      }),
    );
    await test.write(names, row('a', 'A1', 1), row('a', 'A2', 2), row('b', 'B', 300));
    await test.write(names, row('a', 'A199', 199), row('c', 'C200', 200));
    for (const [key, at] of [
      ['a', 1],
      ['a', 400],
      ['c', 250],
    ] as const) {
      await test.write(orders, row(key, 'o', at));
    }
    expect(test.read(out).map(shown)).toEqual(['a=o+null@1', 'a=o+A2@400', 'c=o+C200@250']);
    expect(await test.run.app?.store(history, { view: 'current' }).get('a')).toBe('A2');
    await test.close();
  });

  it('forgets versions nobody can ask for', async () => {
    const test = await topologyTest(topology(() => void table(names, { store: history })));
    for (let at = 0; at < 1000; at += 10) await test.write(names, row('a', `A${at}`, at));
    await test.write(names, row('b', null, 2000), row('b', 'B', 3000));
    await test.commit();
    const stores = await test.run.app?.store(history).all();
    expect(stores?.map(({ key, value }) => `${key}=${value}`)).toEqual(['a=A990', 'b=B']);
    await test.close();
  });
});

describe('join: a stream with a versioned table, with grace', () => {
  it('records wait for the rows of their time, also across a crash', async () => {
    const history = versionedStore('names-history', string(), { retentionMs: 100 });
    const test = await topologyTest(
      topology(() => {
        stream(orders).pipe(
          join(table(names, { store: history }), (order, name) => `${order}+${name}`, {
            name: 'orders-waiting',
            graceMs: 10,
            value: string(),
          }),
          to(out),
        );
      }),
    );
    const headers = [['h', Uint8Array.of(1)]] as const;
    await test.write(names, row('a', 'T10', 10));
    await test.write(orders, { ...row('a', 'S12', 12), headers });
    await test.commit();
    await test.crash();
    await test.restart();
    await test.write(names, row('a', 'T11', 11));
    await test.write(orders, row('a', 'S20', 20), row('a', 'S15', 15));
    expect(test.read(out)).toEqual([]);
    await test.write(orders, row('a', 'S22', 22));
    const [first] = test.read(out);
    expect(first).toMatchObject({ key: 'a', value: 'S12+T11', timestamp: 12, headers });
    await test.write(orders, row('a', 'S9', 9), row('b', 'S40', 40));
    expect(test.read(out).map(shown)).toEqual(['a=S15+T11@15', 'a=S20+T11@20', 'a=S22+T11@22']);
    await test.close();
  });

  it('needs a versioned table, and says so', async () => {
    const ordinary = topology(() => {
      stream(orders).pipe(
        join(table(names), (order, name) => `${order}+${name}`, { name: 'w', graceMs: 10 }),
        to(out),
      );
    });
    const failure = await topologyTest(ordinary).then(
      (test) => test.write(orders, row('a', 'o', 1)),
      (error: unknown) => error,
    );
    expect(String(failure)).toContain('versionedStore');
  });
});
