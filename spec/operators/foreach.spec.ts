import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import type { KRecord } from '../../lib/model/record.ts';
import { foreach } from '../../lib/operators/foreach.ts';
import { record } from '../../lib/testing/record.ts';
import { cells } from './cells.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

describe('foreach', () => {
  itIsAnOperator(() => foreach(() => {}), record('a', 1));

  it('shows each record, in order, and lets none through', () => {
    const seen: unknown[] = [];
    const show = foreach<unknown, unknown>(({ key, value, timestamp }) => {
      seen.push([key, value, timestamp]);
    });
    cells(show, 'a1@5  b2@3  b2@3  _1@1  a~@4', '-  -  -  -  -');
    expect(seen).toEqual([
      ['a', 1, 5],
      ['b', 2, 3],
      ['b', 2, 3],
      [null, 1, 1],
      ['a', null, 4],
    ]);
  });

  it('a throwing function is an error', () => {
    const fails = (): void => {
      throw new Error('effect');
    };
    marbles(({ cold, expectObservable }) => {
      const source = cold('a', { a: record('a', 1) });
      expectObservable(source.pipe(foreach(fails))).toBe('#', {}, new Error('effect'));
    });
  });

  it('nothing happens before someone subscribes', () => {
    const seen: unknown[] = [];
    const source = new Subject<KRecord<string, number>>();
    const shown = source.pipe(foreach((one) => seen.push(one.value)));
    source.next(record('a', 1));
    shown.subscribe();
    source.next(record('a', 2));
    expect(seen).toEqual([2]);
  });
});
