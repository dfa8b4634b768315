import { describe, it } from '@jest/globals';
import type { OperatorFunction } from 'rxjs';
import type { Change, KRecord } from '../../lib/model/record.ts';
import { aggregate } from '../../lib/operators/aggregate.ts';
import { groupTableBy } from '../../lib/operators/groupTableBy.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { change } from '../../lib/testing/record.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

interface Item {
  group: string | null;
  n: number;
}
const byGroup: OperatorFunction<
  Change<string, Item | null>,
  KRecord<string, Item, 'grouped table'>
> = groupTableBy('items-by-group', (item) => item.group);
const item = (group: string | null, n: number): Item => ({ group, n });

describe('groupTableBy', () => {
  itIsAnOperator(() => byGroup, change<string, Item | null>('a', item('x', 1), null));

  it('a row that stays in its group is one record with both sides', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('ab', {
        a: change<string, Item | null>('a', item('x', 1), null, 1),
        b: change<string, Item | null>('a', item('x', 2), item('x', 1), 2),
      });
      expectObservable(source.pipe(byGroup)).toBe('ab', {
        a: change('x', item('x', 1), null, 1),
        b: change('x', item('x', 2), item('x', 1), 2),
      });
    });
  });

  it('a row that moves leaves its old group before it joins the new one', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('a', {
        a: change<string, Item | null>('a', item('y', 1), item('x', 1), 1),
      });
      expectObservable(source.pipe(byGroup)).toBe('(ab)', {
        a: change<string, Item | null>('x', null, item('x', 1), 1),
        b: change('y', item('y', 1), null, 1),
      });
    });
  });

  it('a deleted row leaves; a row without a group is in none; nothing to nothing is silent', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('abc', {
        a: change<string, Item | null>('a', null, item('x', 1), 1),
        b: change<string, Item | null>('a', item(null, 2), item('x', 1), 2),
        c: change<string, Item | null>('a', null, null, 3),
      });
      expectObservable(source.pipe(byGroup)).toBe('ab', {
        a: change<string, Item | null>('x', null, item('x', 1), 1),
        b: change<string, Item | null>('x', null, item('x', 1), 2),
      });
    });
  });

  it('an aggregation behind it adds and subtracts', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('abc', {
        a: change<string, Item | null>('a', item('x', 3), null, 1),
        b: change<string, Item | null>('b', item('x', 4), null, 5),
        c: change<string, Item | null>('a', item('y', 3), item('x', 3), 2),
      });
      const sums = aggregate(
        keyValueStore('sums', json<number>()),
        () => 0,
        (_key, { n }: Item, sum) => sum + n,
        (_key, { n }: Item, sum) => sum - n,
      );
      expectObservable(source.pipe(byGroup, sums)).toBe('ab(cd)', {
        a: change('x', 3, null, 1),
        b: change('x', 7, 3, 5),
        c: change('x', 4, 7, 5),
        d: change('y', 3, null, 2),
      });
    });
  });
});
