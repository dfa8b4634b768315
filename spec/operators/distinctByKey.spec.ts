import { describe, it } from '@jest/globals';
import { distinctByKey } from '../../lib/operators/distinctByKey.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { string } from '../../lib/serde/string.ts';
import { record } from '../../lib/testing/record.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator } from './marbles.ts';

const seen = keyValueStore('seen', string());
const distinct = () => distinctByKey<string, number>(seen, { ttlMs: 10 });

describe('distinctByKey', () => {
  itIsAnOperator(distinct, record('a', 1));
  itServesTwo(distinct, 'a1@0  a1@1  b1@2');

  // biome-ignore format: a picture
  it("RxJS's distinct, key by key; null is a value; null keys are dropped", () => {
    cells(distinct(), 'a1@1  b1@2  a1@3  a2@3  a1@0  a~@4  a~@4  _1@5', 
                      'a1@1  b1@2  -     a2@3  -     a~@4  -     -');
  });

  // biome-ignore format: a picture
  it('what came through is remembered for its time to live, in stream time', () => {
    cells(distinct(), 'a1@0  a1@9  b1@10  a1@10  a1@19  a1@20', 
                      'a1@0  -     b1@10  a1@10  -      a1@20');
  });

  // biome-ignore format: a picture
  it('by: what must be distinct', () => {
    const by = (value: number): string => `${value % 2}`;
    const parity = distinctByKey<string, number>(seen, { ttlMs: 99, by });
    cells(parity, 'a1@0  a3@1  a2@2  a4@3  b1@4', 
                  'a1@0  -     a2@2  -     b1@4');
  });

  // biome-ignore format: a picture
  it('texts of one hash are still distinct', () => {
    // FNV-1a, 32 bits: these two collide.
    const texts = distinctByKey<string, string>(seen, { ttlMs: 99, by: (value) => value });
    cells(texts, 'a"costarring"@1  a"liquid"@2  a"costarring"@3  a"liquid"@4', 
                 'a"costarring"@1  a"liquid"@2  -                -');
  });
});
