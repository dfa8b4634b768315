import { describe, expect, it } from '@jest/globals';
import { filter, Subject } from 'rxjs';
import type { AnyRecord } from '../../lib/model/record.ts';
import { filterTable } from '../../lib/operators/filterTable.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import { toTable } from '../../lib/operators/toTable.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { change, record } from '../../lib/testing/record.ts';
import { itIsAnOperator, marbles, shown } from './marbles.ts';

const isLarge = (value: number): boolean => value > 5;

describe('filterTable', () => {
  itIsAnOperator(() => filterTable<string, number>(isLarge), change('a', 7, null));

  it('a row that stops passing is deleted, one that never passed is silent', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('abcd', {
        a: change<string, number | null>('a', 3, null, 1),
        b: change<string, number | null>('a', 7, 3, 2),
        c: change<string, number | null>('a', 2, 7, 3),
        d: change<string, number | null>('a', null, 2, 4),
      });
      expectObservable(source.pipe(filterTable(isLarge))).toBe('-bc', {
        b: change('a', 7, null, 2),
        c: change('a', null, 7, 3),
      });
    });
  });

  it('a change within what passes keeps the row before; the same change again is a change', () => {
    marbles(({ cold, expectObservable }) => {
      const values = { a: change('a', 8, 6, 1), b: change('a', 8, 8, 1) };
      expectObservable(cold('ab', values).pipe(filterTable(isLarge))).toBe('ab', values);
    });
  });

  it('with a store the row before is the one kept', () => {
    marbles(({ cold, expectObservable }) => {
      const large = keyValueStore('large', json<number>());
      const source = cold('ab', { a: change('a', 7, null, 5), b: change('a', 9, 7, 3) });
      expectObservable(source.pipe(filterTable(isLarge, { store: large }))).toBe('ab', {
        a: change('a', 7, null, 5),
        b: change('a', 9, 7, 3),
      });
    });
  });

  it('a throwing test is an error', () => {
    marbles(({ cold, expectObservable }) => {
      const fails = (): boolean => {
        throw new Error('test');
      };
      const source = cold('a', { a: change('a', 1, null) });
      expectObservable(source.pipe(filterTable(fails))).toBe('#', {}, new Error('test'));
    });
  });

  it("RxJS's filter on a table is noticed: a change was lost", () => {
    const input = new Subject<ReturnType<typeof record<string, number | null>>>();
    const seen: string[] = [];
    let failure: unknown;
    input
      .pipe(
        toTable(keyValueStore('rows', json<number>())),
        filter((row) => row.value !== null),
        filterTable(isLarge),
        toStream(),
      )
      .subscribe({
        next: (row) => seen.push(shown(row as unknown as AnyRecord)),
        error: (error: unknown) => {
          failure = error;
        },
      });
    input.next(record('a', 7, 1));
    input.next(record('a', null, 2));
    input.next(record('b', 8, 3));
    expect(seen).toEqual(['"a" 7 @1']);
    expect(failure).toMatchObject({ code: 'CHANGE_LOST' });
    expect(String(failure)).toContain('Use filterTable instead of filter');
  });
});
