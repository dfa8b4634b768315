import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import type { KRecord } from '../../lib/model/record.ts';
import { throttleByKey } from '../../lib/operators/throttleByKey.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { record } from '../../lib/testing/record.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator } from './marbles.ts';

const held = keyValueStore('held', json<number>());
const throttled = () => throttleByKey(held, 10);

describe('throttleByKey', () => {
  itIsAnOperator(throttled, record('a', 1));
  itServesTwo(throttled, 'a1@0  a2@1  b1@20');

  // biome-ignore format: a picture
  it("RxJS's throttleTime, key by key: the first, then none, the very end included", () => {
    cells(throttled(), 'a1@0  a2@5  b1@8  a3@10  a4@11  b2@12  _1@13  a~@99', 
                       'a1@0  -     b1@8  -      a4@11  -      -      a~@99');
  });

  // biome-ignore format: a picture
  it('trailing: the last that was held back, and then none for a while again', () => {
    const both = throttleByKey(held, 10, { trailing: true });
    cells(both, 'a1@0  a2@5  a3@9  b1@10       a4@15  b2@21', 
                'a1@0  -     -     b1@10 a3@9  -      a4@15 b2@21');
  });

  // biome-ignore format: a picture
  it('trailing alone: no first', () => {
    cells(throttleByKey(held, 10, { leading: false, trailing: true }), 'a1@0  a2@5  b1@12', 
                                                                       '-     -     a2@5');
  });

  it('by the wall clock', () => {
    const source = new Subject<KRecord<string, number>>();
    const seen: number[] = [];
    const calm = throttleByKey(held, 10_000, { time: 'wall-clock' });
    const subscription = source.pipe(calm).subscribe((result) => seen.push(result.value));
    source.next(record('a', 1, 0));
    source.next(record('a', 2, 99_999));
    source.next(record('b', 3, 0));
    subscription.unsubscribe();
    expect(seen).toEqual([1, 3]);
  });
});
