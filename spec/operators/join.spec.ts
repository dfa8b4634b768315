import { describe, expect, it } from '@jest/globals';
import { map, NEVER, type Observable } from 'rxjs';
import type { Change, KRecord } from '../../lib/model/record.ts';
import { joinWindows } from '../../lib/model/windows/joinWindows.ts';
import { join } from '../../lib/operators/join.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { change, record } from '../../lib/testing/record.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

type Row = Change<string, string | null>;
const both = (left: string, right: string): string => `${left}+${right}`;
const noTable: Observable<Row> = NEVER;
const window = { name: 'w', beforeMs: 5, afterMs: 10, graceMs: 0 };

describe('join: a stream with a table', () => {
  itIsAnOperator<KRecord<string, string>>(() => join(noTable, both), record('a', 'L'), true);

  it('a record meets the row as it is; changes of the table emit nothing', () => {
    marbles(({ cold, expectObservable }) => {
      const orders = cold('a-b-c-d-|', {
        a: record('a', 'L1', 1),
        b: record('a', 'L2', 2),
        c: record('a', 'L3', 0),
        d: record('a', 'L4', 9),
      });
      const customers = cold('-r-s-t---|', {
        r: change<string, string | null>('a', 'R1', null, 7),
        s: change<string, string | null>('a', 'R2', 'R1', 8),
        t: change<string, string | null>('a', null, 'R2', 8),
      });
      expectObservable(orders.pipe(join(customers, both))).toBe('--b-c----|', {
        b: record('a', 'L2+R1', 2),
        c: record('a', 'L3+R2', 0),
      });
    });
  });

  it('null keys and null values are left out; the joiner sees the key', () => {
    marbles(({ cold, expectObservable }) => {
      const orders = cold('-abc', {
        a: record<string | null, string | null>(null, 'L', 1),
        b: record<string | null, string | null>('a', null, 2),
        c: record<string | null, string | null>('a', 'L', 3),
      });
      const customers = cold('r', { r: change<string | null, string | null>('a', 'R', null, 0) });
      const keyed = orders.pipe(join(customers, (left, right, key) => [key, left, right]));
      expectObservable(keyed).toBe('---c', { c: record('a', ['a', 'L', 'R'], 3) });
    });
  });

  it('the same record twice is joined twice; headers are those of the record', () => {
    marbles(({ cold, expectObservable }) => {
      const headers = [['h', null]] as const;
      const orders = cold('-aa', { a: record('a', 'L', { timestamp: 1, headers }) });
      const customers = cold('r', { r: change<string, string | null>('a', 'R', null, 0) });
      expectObservable(orders.pipe(join(customers, both))).toBe('-aa', {
        a: record('a', 'L+R', { timestamp: 1, headers }),
      });
    });
  });

  it('a key that a foreign operator changed is an error that names the remedy', () => {
    const seen: unknown[] = [];
    marbles(({ cold, flush }) => {
      cold('a', { a: record('a', 'L', 1) })
        .pipe(
          map((order) => ({ ...order, key: 'b' })),
          join(noTable, both),
        )
        .subscribe({ error: (error: unknown) => seen.push(error) });
      flush();
    });
    expect(seen).toMatchObject([{ code: 'KEY_CHANGED' }]);
    expect(String(seen[0])).toContain('repartitionBy');
  });

  it('a throwing joiner is an error', () => {
    marbles(({ cold, expectObservable }) => {
      const orders = cold('-a', { a: record('a', 'L', 1) });
      const customers = cold('r', { r: change<string, string | null>('a', 'R', null, 0) });
      const fails = (): string => {
        throw new Error('joiner');
      };
      expectObservable(orders.pipe(join(customers, fails))).toBe('-#', {}, new Error('joiner'));
    });
  });
});

describe('join: two tables', () => {
  itIsAnOperator<Change<string, string>>(() => join(noTable, both), change('a', 'L', null), true);

  it('a change of either side meets the row of the other, at the later time', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('a---c--e', {
        a: change<string, string | null>('a', 'L1', null, 1),
        c: change<string, string | null>('a', 'L2', 'L1', 9),
        e: change<string, string | null>('a', null, 'L2', 10),
      });
      const right = cold('--b-----f', {
        b: change<string, string | null>('a', 'R1', null, 5),
        f: change<string, string | null>('a', null, 'R1', 11),
      });
      expectObservable(left.pipe(join(right, both))).toBe('--b-c--e', {
        b: change('a', 'L1+R1', null, 5),
        c: change('a', 'L2+R1', 'L1+R1', 9),
        e: change('a', null, 'L2+R1', 10),
      });
    });
  });

  it('an out-of-order change is taken as it comes', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('a--c', {
        a: change<string, string | null>('a', 'L10', null, 10),
        c: change<string, string | null>('a', 'L5', 'L10', 5),
      });
      const right = cold('-b-', { b: change<string, string | null>('a', 'R20', null, 20) });
      expectObservable(left.pipe(join(right, both))).toBe('-b-c', {
        b: change('a', 'L10+R20', null, 20),
        c: change('a', 'L5+R20', 'L10+R20', 20),
      });
    });
  });

  it('with a store the row before is the one kept', () => {
    marbles(({ cold, expectObservable }) => {
      const store = keyValueStore('joined', json<string>());
      const left = cold('a--', { a: change<string, string | null>('a', 'L', null, 1) });
      const right = cold('-bc', {
        b: change<string, string | null>('a', 'R', null, 2),
        c: change<string, string | null>('a', 'R', 'R', 3),
      });
      expectObservable(left.pipe(join(right, both, { store }))).toBe('-bc', {
        b: change('a', 'L+R', null, 2),
        c: change('a', 'L+R', 'L+R', 3),
      });
    });
  });
});

describe('join: two streams', () => {
  const none: Observable<KRecord<string, string>> = NEVER;
  itIsAnOperator<KRecord<string, string>>(() => join(none, window, both), record('a', 'L'), true);

  it('both bounds belong to the window, whoever comes first', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('l-----', { l: record('a', 'L', 100) });
      const right = cold('-abcd', {
        a: record('a', 'R94', 94),
        b: record('a', 'R95', 95),
        c: record('a', 'R110', 110),
        d: record('a', 'R111', 111),
      });
      expectObservable(left.pipe(join(right, window, both))).toBe('--bc', {
        b: record('a', 'L+R95', 100),
        c: record('a', 'L+R110', 110),
      });
      expectObservable(right.pipe(join(left, { ...window, beforeMs: 10, afterMs: 5 }, both))).toBe(
        '--bc',
        { b: record('a', 'R95+L', 100), c: record('a', 'R110+L', 110) },
      );
    });
  });

  it('a negative bound: the window begins, or ends, on the other side of the record', () => {
    const later = joinWindows({ ...window, beforeMs: -3, afterMs: 5 });
    marbles(({ cold, expectObservable }) => {
      const left = cold('l-----', { l: record('a', 'L', 100) });
      const right = cold('-abcd', {
        a: record('a', 'R102', 102),
        b: record('a', 'R103', 103),
        c: record('a', 'R105', 105),
        d: record('a', 'R106', 106),
      });
      expectObservable(left.pipe(join(right, later, both))).toBe('--bc', {
        b: record('a', 'L+R103', 103),
        c: record('a', 'L+R105', 105),
      });
    });
    expect(() => joinWindows({ ...window, beforeMs: -3, afterMs: 2 })).toThrow(/leave no window/);
    expect(() => joinWindows({ ...window, beforeMs: 0.5 })).toThrow(/beforeMs is 0.5/);
  });

  it('a record meets all there are, in order of time, then of arrival', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('abc---', {
        a: record('a', 'L3', 3),
        b: record('a', 'L1', 1),
        c: record('a', 'L1', 1),
      });
      const right = cold('----r', { r: record('a', 'R', 4) });
      expectObservable(left.pipe(join(right, window, both))).toBe('----(bca)', {
        b: record('a', 'L1+R', 4),
        c: record('a', 'L1+R', 4),
        a: record('a', 'L3+R', 4),
      });
    });
  });

  it('other keys, null keys and null values never meet', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('abc', {
        a: record<string | null, string | null>('b', 'L', 1),
        b: record<string | null, string | null>(null, 'L', 1),
        c: record<string | null, string | null>('a', null, 1),
      });
      const right = cold('---r', { r: record<string | null, string | null>('a', 'R', 1) });
      expectObservable(left.pipe(join(right, window, both))).toBe('----');
    });
  });

  it('what lies further back than the windows and grace is gone', () => {
    marbles(({ cold, expectObservable }) => {
      const left = cold('ab---', { a: record('a', 'L10', 10), b: record('b', 'L40', 40) });
      const right = cold('--rs', { r: record('a', 'R12', 12), s: record('b', 'R41', 41) });
      expectObservable(left.pipe(join(right, window, both))).toBe('---s', {
        s: record('b', 'L40+R41', 41),
      });
    });
  });

  it('a stream joins itself', () => {
    marbles(({ hot, expectObservable }) => {
      const all = hot('ab', { a: record('a', 'A', 0), b: record('a', 'B', 3) });
      expectObservable(all.pipe(join(all, window, both))).toBe('a(bcd)', {
        a: record('a', 'A+A', 0),
        b: record('a', 'B+A', 3),
        c: record('a', 'A+B', 3),
        d: record('a', 'B+B', 3),
      });
    });
  });
});
