import { describe, expect, it } from '@jest/globals';
import { pipe, Subject } from 'rxjs';
import type { KRecord } from '../../lib/model/record.ts';
import { mapValues } from '../../lib/operators/mapValues.ts';
import { toTable } from '../../lib/operators/toTable.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { change, record } from '../../lib/testing/record.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

const tenfold = (value: unknown): number => Number(value) * 10;
const rows = keyValueStore('rows', json<number>());

describe('mapValues of a stream', () => {
  itIsAnOperator(() => mapValues(tenfold), record('a', 1));
  itServesTwo(() => mapValues(tenfold), 'a1@0  a2@5');

  // biome-ignore format: a picture
  it('each value, with key and timestamp as they are; the same again is mapped again', () => {
    cells(mapValues(tenfold), 'a1@5   b2@3   b2@3   _3@4', 
                              'a10@5  b20@3  b20@3  _30@4');
  });

  it('null values are shown to the function', () => {
    cells(
      mapValues((value: unknown) => value === null),
      'a~@1',
      'atrue@1',
    );
  });

  it('the function sees the key', () => {
    cells(
      mapValues((value: unknown, key: unknown) => [key, value]),
      'a1@1',
      'a["a",1]@1',
    );
  });

  it('a throwing function is an error', () => {
    const fails = (): number => {
      throw new Error('project');
    };
    marbles(({ cold, expectObservable }) => {
      const source = cold('a', { a: record('a', 1) });
      expectObservable(source.pipe(mapValues(fails))).toBe('#', {}, new Error('project'));
    });
  });

  it('headers and all that is no value stay', () => {
    const seen: KRecord<string, number>[] = [];
    const source = new Subject<KRecord<string, number>>();
    source.pipe(mapValues(tenfold)).subscribe((result) => seen.push(result));
    const headers = [['h', new Uint8Array([1])]] as const;
    source.next(record('a', 1, { timestamp: 7, headers }));
    expect(seen[0]?.headers).toBe(headers);
    expect(seen[0]?.timestamp).toBe(7);
  });
});

describe('mapValues of a table', () => {
  itIsAnOperator(() => mapValues(tenfold), change('a', 1, null));

  it('maps both sides of a change, and deletions without asking', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('abc', {
        a: change<string, number | null>('a', 1, null),
        b: change<string, number | null>('a', 2, 1),
        c: change<string, number | null>('a', null, 2),
      });
      const asked: unknown[] = [];
      const mapped = source.pipe(
        mapValues((value) => {
          asked.push(value);
          return value * 10;
        }),
      );
      expectObservable(mapped).toBe('abc', {
        a: change('a', 10, null),
        b: change('a', 20, 10),
        c: change('a', null, 20),
      });
      expect(asked).not.toContain(null);
    });
  });

  it('with a store the row before is the one kept', () => {
    const kept = keyValueStore('kept', json<number>());
    cells(
      pipe(
        toTable(rows),
        mapValues((value) => value * 10, { store: kept }),
      ),
      'a1@1      a2@2       a~@3',
      'a~→10@1   a10→20@2   a20→~@3',
      { previous: true },
    );
  });
});
