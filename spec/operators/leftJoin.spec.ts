import { describe, it } from '@jest/globals';
import { NEVER, type Observable } from 'rxjs';
import type { Change, GlobalKTable, KRecord } from '../../lib/model/record.ts';
import { leftJoin } from '../../lib/operators/leftJoin.ts';
import { change, record } from '../../lib/testing/record.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

type Row = Change<string, string | null>;
const both = (left: string, right: string | null): string => `${left}+${right}`;
const noTable: Observable<Row> = NEVER;
const window = { name: 'w', beforeMs: 10, afterMs: 10, graceMs: 5 };

describe('leftJoin: a stream with a table', () => {
  itIsAnOperator<KRecord<string, string>>(() => leftJoin(noTable, both), record('a', 'L'), true);

  it('what finds no row comes out with null, null keys too; null values are left out', () => {
    marbles(({ cold, expectObservable }) => {
      const orders = cold('a-bcd', {
        a: record<string | null, string | null>('a', 'L1', 1),
        b: record<string | null, string | null>('a', 'L2', 2),
        c: record<string | null, string | null>(null, 'L3', 3),
        d: record<string | null, string | null>('a', null, 4),
      });
      const customers = cold('-r', { r: change<string | null, string | null>('a', 'R', null, 9) });
      expectObservable(orders.pipe(leftJoin(customers, both))).toBe('a-bc', {
        a: record('a', 'L1+null', 1),
        b: record('a', 'L2+R', 2),
        c: record(null, 'L3+null', 3),
      });
    });
  });
});

describe('leftJoin: two tables', () => {
  itIsAnOperator<Change<string, string>>(
    () => leftJoin(noTable, both),
    change('a', 'L', null),
    true,
  );

  it('the left row stays without a right one, and goes with its own deletion', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('a---e', {
        a: change<string, string | null>('a', 'L', null, 1),
        e: change<string, string | null>('a', null, 'L', 10),
      });
      const right = cold('-bc--f', {
        b: change<string, string | null>('a', 'R', null, 5),
        c: change<string, string | null>('a', null, 'R', 6),
        f: change<string, string | null>('a', 'R', null, 11),
      });
      expectObservable(left.pipe(leftJoin(right, both))).toBe('abc-e', {
        a: change('a', 'L+null', null, 1),
        b: change('a', 'L+R', 'L+null', 5),
        c: change('a', 'L+null', 'L+R', 6),
        e: change('a', null, 'L+null', 10),
      });
    });
  });

  it('a deletion of what never was is silent', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('a', { a: change<string, string | null>('a', null, null, 1) });
      expectObservable(left.pipe(leftJoin(noTable, both))).toBe('-');
    });
  });
});

describe('leftJoin: two streams', () => {
  const none: Observable<KRecord<string, string>> = NEVER;
  itIsAnOperator<KRecord<string, string>>(
    () => leftJoin(none, window, both),
    record('a', 'L'),
    true,
  );

  it('what met none comes out when stream time is past its window and grace, not before', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('a---', { a: record('a', 'L0', 0) });
      const right = cold('-bc', { b: record('x', 'R15', 15), c: record('x', 'R16', 16) });
      expectObservable(left.pipe(leftJoin(right, window, both))).toBe('--a', {
        a: record('a', 'L0+null', 0),
      });
    });
  });

  it('what met another does not; whose window is over comes out at once', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('a--d', { a: record('a', 'L0', 0), d: record('a', 'L9', 9) });
      const right = cold('-bc', { b: record('a', 'R7', 7), c: record('x', 'R40', 40) });
      expectObservable(left.pipe(leftJoin(right, window, both))).toBe('-b-d', {
        b: record('a', 'L0+R7', 7),
        d: record('a', 'L9+null', 9),
      });
    });
  });

  it('null keys come out at once; right records alone never', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('a-', { a: record<string | null, string>(null, 'L', 1) });
      const right = cold('-bc', {
        b: record<string | null, string>('x', 'R1', 1),
        c: record<string | null, string>('y', 'R90', 90),
      });
      expectObservable(left.pipe(leftJoin(right, window, both))).toBe('a', {
        a: record(null, 'L+null', 1),
      });
    });
  });

  it('an unmatched record has the headers of the one that moved time', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('a', { a: record('a', 'L', { timestamp: 0, headers: [['l', null]] }) });
      const right = cold('-b', { b: record('x', 'R', { timestamp: 40, headers: [['r', null]] }) });
      expectObservable(left.pipe(leftJoin(right, window, both))).toBe('-a', {
        a: record('a', 'L+null', { timestamp: 0, headers: [['r', null]] }),
      });
    });
  });
});

describe('leftJoin: a stream with a global table', () => {
  it('a record names the row it meets; a null key names none', () => {
    marbles(({ cold, expectObservable }) => {
      const orders = cold('-abc', {
        a: record('1', 'fi', 1),
        b: record('1', 'se', 2),
        c: record('1', '', 3),
      });
      const countries = cold('r', {
        r: change<string, string | null>('fi', 'Finland', null, 9),
      }) as unknown as GlobalKTable<string, string | null>;
      const named = orders.pipe(leftJoin(countries, (order) => order.value || null, both));
      expectObservable(named).toBe('-abc', {
        a: record('1', 'fi+Finland', 1),
        b: record('1', 'se+null', 2),
        c: record('1', '+null', 3),
      });
    });
  });
});
