import { describe, expect, it } from '@jest/globals';
import { globalTable } from '../../lib/operators/globalTable.ts';
import { join } from '../../lib/operators/join.ts';
import { leftJoin } from '../../lib/operators/leftJoin.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { keyValueStore, topic } from '../../lib/serde/handles.ts';
import { string } from '../../lib/serde/string.ts';
import { topologyTest } from '../../lib/testing/topologyTest.ts';
import { topology } from '../../lib/topology/Topology.ts';

const orders = topic('orders', string());
const countries = topic('countries', string());
const out = topic('out', string());
const store = keyValueStore('countries-by-code', string());

const inner = topology(() => {
  stream(orders).pipe(
    join(
      globalTable(countries, { store }),
      ({ value }) => value,
      (code, name) => `${code}+${name}`,
    ),
    to(out),
  );
});
const row = (key: string | null, value: string | null, timestamp: number) => ({
  key,
  value,
  timestamp,
});

describe('globalTable', () => {
  it('outside a topology is an error that says where it belongs', () => {
    expect(() => globalTable(countries)).toThrow(/inside topology/);
  });

  it('every task sees all rows, whatever the partitions', async () => {
    const test = await topologyTest(inner, { topics: { orders: 3, countries: 2, out: 1 } });
    await test.write(countries, row('fi', 'Finland', 1), row('se', 'Sweden', 2), row(null, 'x', 3));
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      await test.write(orders, row(key, 'fi', 5), row(key, 'se', 6), row(key, 'no', 7));
    }
    const seen = test.read(out).map(({ key, value, timestamp }) => `${key}=${value}@${timestamp}`);
    const expected = ['a', 'b', 'c', 'd', 'e'].flatMap((key) => [
      `${key}=fi+Finland@5`,
      `${key}=se+Sweden@6`,
    ]);
    expect(seen.sort()).toEqual(expected.sort());
    await test.close();
  });

  it('a change emits nothing by itself; null values of the stream are left out', async () => {
    const test = await topologyTest(inner);
    await test.write(orders, row('a', 'fi', 1), row('a', null, 2));
    await test.write(countries, row('fi', 'Finland', 9));
    expect(test.read(out)).toEqual([]);
    await test.write(countries, row('fi', null, 10));
    await test.write(orders, row('a', 'fi', 3));
    expect(test.read(out)).toEqual([]);
    await test.close();
  });

  it('comes back after a crash, and can be asked', async () => {
    const test = await topologyTest(inner);
    await test.write(countries, row('fi', 'Suomi', 1), row('fi', 'Finland', 2));
    await test.commit();
    await test.crash();
    await test.restart();
    await test.write(orders, row('a', 'fi', 3));
    expect(test.read(out).map(({ value }) => value)).toEqual(['fi+Finland']);
    expect(await test.run.app?.store(store).get('fi')).toBe('Finland');
    await test.close();
  });

  it('a left join passes what names no row, null keys too', async () => {
    const left = topology(() => {
      stream(orders).pipe(
        leftJoin(
          globalTable(countries),
          ({ value }) => (value === '' ? null : value),
          (code, name) => `${code}+${name}`,
        ),
        to(out),
      );
    });
    const test = await topologyTest(left);
    await test.write(orders, row(null, 'fi', 1), row('a', '', 2), row('a', null, 3));
    expect(test.read(out).map(({ key, value }) => [key, value])).toEqual([
      [null, 'fi+null'],
      ['a', '+null'],
    ]);
    await test.close();
  });

  it('a topic read as a global table and as a stream is refused', () => {
    expect(() =>
      topology(() => {
        stream(countries).pipe(
          join(
            globalTable(countries),
            ({ value }) => value,
            (code) => code,
          ),
          to(out),
        );
      }),
    ).toThrow(/global table and as a stream/);
  });
});
