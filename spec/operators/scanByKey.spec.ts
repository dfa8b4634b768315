import { describe, it } from '@jest/globals';
import { scanByKey } from '../../lib/operators/scanByKey.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { record } from '../../lib/testing/record.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

type Value = number | null;
const sums = keyValueStore('sums', json<Value>());
const add = (sum: Value, value: Value): Value => Number(sum) + Number(value);
const summed = () => scanByKey(sums, add, () => 0);

describe('scanByKey', () => {
  itIsAnOperator(summed, record<string, Value>('a', 1));
  itServesTwo(summed, 'a1@0  a1@1  b1@2');

  // biome-ignore format: a picture
  it("RxJS's scan, key by key; each at its own time; null keys are dropped", () => {
    cells(summed(), 'a1@5  b2@3  a3@1  a3@1  _1@1  a~@6', 
                    'a1@5  b2@3  a4@1  a7@1  -     a7@6');
  });

  // biome-ignore format: a picture
  it('an accumulated null deletes the row: the key begins again', () => {
    const addTo = (sum: Value, value: Value): Value => add(sum, value) || null;
    const nullAtZero = scanByKey(sums, addTo, () => 10);
    cells(nullAtZero, 'a-10@1  a1@2', 
                      'a~@1    a11@2');
  });

  // biome-ignore format: a picture
  it('a key that was quiet for its time to live begins again', () => {
    const brief = keyValueStore('brief', json<Value>(), { ttlMs: 10 });
    cells(scanByKey(brief, add, () => 0), 'a1@0  a1@9  b1@18  a1@18  b1@28', 
                                          'a1@0  a2@9  b1@18  a3@18  b1@28');
  });

  it('a throwing function is an error', () => {
    const fails = (): number => {
      throw new Error('accumulate');
    };
    marbles(({ cold, expectObservable }) => {
      const source = cold('a', { a: record('a', 1) });
      const scanned = source.pipe(scanByKey(sums, fails, () => 0));
      expectObservable(scanned).toBe('#', {}, new Error('accumulate'));
    });
  });
});
