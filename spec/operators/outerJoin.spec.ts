import { describe, it } from '@jest/globals';
import { NEVER, type Observable } from 'rxjs';
import type { Change, KRecord } from '../../lib/model/record.ts';
import { outerJoin } from '../../lib/operators/outerJoin.ts';
import { change, record } from '../../lib/testing/record.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

type Row = Change<string, string | null>;
const both = (left: string | null, right: string | null): string => `${left}+${right}`;
const noTable: Observable<Row> = NEVER;

describe('outerJoin: two tables', () => {
  itIsAnOperator<Row>(() => outerJoin(noTable, both), change('a', 'L', null), true);

  it('either side alone gives a row; it goes when both are gone', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('a-c-', {
        a: change<string, string | null>('a', 'L', null, 4),
        c: change<string, string | null>('a', null, 'L', 2),
      });
      const right = cold('-b-d', {
        b: change<string, string | null>('a', 'R', null, 3),
        d: change<string, string | null>('a', null, 'R', 9),
      });
      expectObservable(left.pipe(outerJoin(right, both))).toBe('abcd', {
        a: change('a', 'L+null', null, 4),
        b: change('a', 'L+R', 'L+null', 4),
        c: change('a', 'null+R', 'L+R', 3),
        d: change('a', null, 'null+R', 9),
      });
    });
  });

  it('the right side first', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('-b', { b: change<string, string | null>('a', 'L', null, 1) });
      const right = cold('a', { a: change<string, string | null>('a', 'R', null, 5) });
      expectObservable(left.pipe(outerJoin(right, both))).toBe('ab', {
        a: change('a', 'null+R', null, 5),
        b: change('a', 'L+R', 'null+R', 5),
      });
    });
  });
});

describe('outerJoin: two streams', () => {
  const window = { name: 'w', beforeMs: 2, afterMs: 10, graceMs: 3 };
  const none: Observable<KRecord<string, string>> = NEVER;
  itIsAnOperator<KRecord<string, string>>(
    () => outerJoin(none, window, both),
    record('a', 'L'),
    true,
  );

  it('unmatched records of one time come out right before left, then by key', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('abc---z', {
        a: record('b', 'Lb', 5),
        b: record('a', 'La', 5),
        c: record('a', 'La2', 5),
        z: record('z', 'Lz', 50),
      });
      const right = cold('---de', { d: record('d', 'Rd', 5), e: record('c', 'Rc', 4) });
      expectObservable(left.pipe(outerJoin(right, window, both))).toBe('------(edbca)', {
        e: record('c', 'null+Rc', 4),
        d: record('d', 'null+Rd', 5),
        b: record('a', 'La+null', 5),
        c: record('a', 'La2+null', 5),
        a: record('b', 'Lb+null', 5),
      });
    });
  });

  it('a match takes both out of those that wait', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('a--z', { a: record('a', 'L', 10), z: record('z', 'Z', 90) });
      const right = cold('-b', { b: record('a', 'R', 12) });
      expectObservable(left.pipe(outerJoin(right, window, both))).toBe('-b', {
        b: record('a', 'L+R', 12),
      });
    });
  });

  it('a window of one instant: all that met none come out, those of one time too', () => {
    const instant = { name: 'w', beforeMs: 0, afterMs: 0, graceMs: 0 };
    marbles(({ cold, expectObservable }) => {
      const left = cold('ab-z', {
        a: record('a', 'L1', 5),
        b: record('a', 'L2', 5),
        z: record('z', 'Z', 9),
      });
      const right = cold('--c', { c: record('b', 'R', 5) });
      expectObservable(left.pipe(outerJoin(right, instant, both))).toBe('---(cab)', {
        c: record('b', 'null+R', 5),
        a: record('a', 'L1+null', 5),
        b: record('a', 'L2+null', 5),
      });
    });
  });

  it('searches once in an interval: the first record begins none where the wait is 0', () => {
    const o = { name: 'w', beforeMs: 0, afterMs: 0, emitIntervalMs: 1_000_000 };
    marbles(({ cold, expectObservable }) => {
      const left = cold('ab', { a: record('a', 'A', 5), b: record('b', 'B', 20) });
      const a = record('a', 'A+null', 5);
      expectObservable(left.pipe(outerJoin(none, { ...o, graceMs: 0 }, both))).toBe('-a', { a });
      expectObservable(left.pipe(outerJoin(none, { ...o, graceMs: 1 }, both))).toBe('--');
    });
  });
});
