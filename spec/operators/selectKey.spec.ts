import { describe, it } from '@jest/globals';
import { map, pipe } from 'rxjs';
import type { KRecord } from '../../lib/model/record.ts';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { repartition } from '../../lib/operators/repartition.ts';
import { selectKey } from '../../lib/operators/selectKey.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { record } from '../../lib/testing/record.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

const byValue = (order: { readonly value: unknown }): string => `x${String(order.value)}`;
const counts = keyValueStore('counts', number());

describe('selectKey', () => {
  itIsAnOperator(() => selectKey(byValue), record('a', 1));
  itServesTwo(() => selectKey(byValue), 'a1@0  b2@1');

  // biome-ignore format: a picture
  it('another key; value and timestamp stay; null keys and values pass', () => {
    cells(selectKey(byValue), 'a1@1   b2@9   a1@1   _3@2   a~@3', 
                              'x11@1  x22@9  x11@1  x33@2  xnull~@3');
  });

  it('a throwing function is an error', () => {
    const fails = (): string => {
      throw new Error('select');
    };
    marbles(({ cold, expectObservable }) => {
      const source = cold('a', { a: record('a', 1) });
      expectObservable(source.pipe(selectKey(fails))).toBe('#', {}, new Error('select'));
    });
  });

  it('what works by key needs a repartition, and notices', () => {
    const keyed = pipe(selectKey(byValue), repartition('again'), groupByKey(), count(counts));
    cells(keyed, 'a1@1  b1@2', 'x11@1  x12@2');
    const moved = pipe(
      map((order: KRecord<string, number>) => ({ ...order, key: 'z' })),
      groupByKey<string, number>(),
      count(counts),
    );
    cells(moved, 'a1@1', '#');
  });
});
