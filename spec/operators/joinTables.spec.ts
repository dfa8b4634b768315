import { describe, expect, it } from '@jest/globals';
import { NEVER, type Observable } from 'rxjs';
import type { Change } from '../../lib/model/record.ts';
import { joinTables } from '../../lib/operators/joinTables.ts';
import { table } from '../../lib/operators/table.ts';
import { to } from '../../lib/operators/to.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import { keyValueStore, topic } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { string } from '../../lib/serde/string.ts';
import { change } from '../../lib/testing/record.ts';
import { topologyTest } from '../../lib/testing/topologyTest.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

type Row = Change<string, string | null>;
const none: Observable<Row> = NEVER;
const row = (value: string | null, previous: string | null, at: number): Row =>
  change<string, string | null>('a', value, previous, at);

describe('joinTables', () => {
  itIsAnOperator<Row>(
    () => (source) => joinTables({ one: source, other: none }, ({ one, other }) => one + other),
    row('L', null, 1),
    true,
  );

  it('a result only when all have a row, at the latest time; it goes with any of them', () => {
    marbles(({ cold, expectObservable }) => {
      const x = cold('a----f', { a: row('X', null, 5), f: row(null, 'X', 9) });
      const y = cold('-b-d', { b: row('Y', null, 1), d: row('Y2', 'Y', 2) });
      const z = cold('--c', { c: row('Z', null, 3) });
      const joined = joinTables({ x, y, z }, (rows, key) => `${key}:${rows.x}${rows.y}${rows.z}`);
      expectObservable(joined).toBe('--cd-f', {
        c: change('a', 'a:XYZ', null, 5),
        d: change('a', 'a:XY2Z', 'a:XYZ', 5),
        f: change('a', null, 'a:XY2Z', 9),
      });
    });
  });

  it('optional tables may have none; a deletion of what never was is silent', () => {
    marbles(({ cold, expectObservable }) => {
      const x = cold('a--f', { a: row('X', null, 1), f: row(null, 'X', 4) });
      const y = cold('-bc-g', { b: row(null, null, 2), c: row('Y', null, 3), g: row('Y', 'Y', 5) });
      const joined = joinTables({ x, y }, (rows) => `${rows.x}${rows.y}`, { optional: ['y'] });
      expectObservable(joined).toBe('a-cf', {
        a: change('a', 'Xnull', null, 1),
        c: change('a', 'XY', 'Xnull', 3),
        f: change('a', null, 'XY', 4),
      });
    });
  });

  it('with a store the row before is the one kept', () => {
    marbles(({ cold, expectObservable }) => {
      const x = cold('ab', { a: row('X', null, 1), b: row('X', 'X', 2) });
      const store = keyValueStore('joined', json<string>());
      expectObservable(joinTables({ x }, (rows) => rows.x, { store })).toBe('ab', {
        a: change('a', 'X', null, 1),
        b: change('a', 'X', 'X', 2),
      });
    });
  });

  it('nothing to join is an error', () => {
    expect(() => joinTables({}, () => 1)).toThrow(/a table or more/);
  });

  it('in tasks it goes on after a crash', async () => {
    const a = topic('a', string());
    const b = topic('b', string());
    const c = topic('c', string());
    const out = topic('out', json<string | null>());
    const test = await topologyTest(
      topology(() => {
        joinTables({ x: table(a), y: table(b), z: table(c) }, ({ x, y, z }) => `${x}${y}${z}`).pipe(
          toStream(),
          to(out),
        );
      }),
      { partitions: 2 },
    );
    await test.write(a, { key: 'k', value: 'A', timestamp: 1 });
    await test.write(b, { key: 'k', value: 'B', timestamp: 2 });
    await test.commit();
    await test.crash();
    await test.restart();
    await test.write(c, { key: 'k', value: 'C', timestamp: 3 });
    expect(test.read(out).map(({ key, value }) => [key, value])).toEqual([['k', 'ABC']]);
    await test.close();
  });
});
