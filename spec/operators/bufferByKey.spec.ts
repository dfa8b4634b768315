import { describe, expect, it } from '@jest/globals';
import { bufferByKey } from '../../lib/operators/bufferByKey.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { record } from '../../lib/testing/record.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator } from './marbles.ts';

const gathered = keyValueStore('gathered', json<readonly number[]>());
const pairs = () => bufferByKey(gathered, { count: 2 });

describe('bufferByKey', () => {
  itIsAnOperator(pairs, record('a', 1));
  itServesTwo(pairs, 'a1@0  a2@1  b1@20');

  // biome-ignore format: a picture
  it("RxJS's bufferCount, key by key, at its highest time; no null keys or values", () => {
    cells(pairs(), 'a1@5  b2@6  a3@1      a4@7  _1@1  a~@9  a5@8      b6@9', 
                   '-     -     a[1,3]@5  -     -     -     a[4,5]@8  b[2,6]@9');
  });

  // biome-ignore format: a picture
  it("RxJS's bufferTime, from a buffer's first record; full ones go at once", () => {
    const brief = bufferByKey(gathered, { count: 3, spanMs: 10 });
    cells(brief, 'a1@0  a2@9  b1@10     a3@11  a4@12  a5@13', 
                 '-     -     a[1,2]@9  -      -      a[3,4,5]@13');
  });

  it('refuses a buffer for nothing', () => {
    expect(() => bufferByKey(gathered, { count: 0 })).toThrow(/give 1 or more/);
  });
});
