import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, Subject } from 'rxjs';
import type { KRecord } from '../../lib/model/record.ts';
import { debounceByKey } from '../../lib/operators/debounceByKey.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { record } from '../../lib/testing/record.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator } from './marbles.ts';

const waiting = keyValueStore('waiting', json<number>());
const debounced = () => debounceByKey(waiting, 10);

describe('debounceByKey', () => {
  itIsAnOperator(debounced, record('a', 1));
  itServesTwo(debounced, 'a1@0  b1@20');

  // biome-ignore format: a picture
  it("RxJS's debounceTime, key by key: the last of a quiet key, by (due time, key)", () => {
    cells(debounced(), 'b1@0  a1@0  a2@5  c1@10  c2@14      c3@99', 
                       '-     -     -     b1@0   -          a2@5 c2@14');
  });

  // biome-ignore format: a picture
  it('at the very instant it is due a record of its key still takes its place', () => {
    cells(debounced(), 'a1@0  a2@10  a3@21', 
                       '-     -      a2@10');
  });

  // biome-ignore format: a picture
  it('null values are values; null keys are dropped; out of order the last to come stays', () => {
    cells(debounced(), 'a~@0  _1@1  b1@10  b2@5  c1@99', 
                       '-     -     a~@0   -     b2@5');
  });

  it('headers wait with their record', () => {
    const source = new Subject<KRecord<string, number>>();
    const seen: KRecord<string, number>[] = [];
    source.pipe(debounced()).subscribe((result) => seen.push(result));
    const headers = [['h', new Uint8Array([7])]] as const;
    source.next(record('a', 1, { timestamp: 0, headers }));
    source.next(record('b', 1, 50));
    expect(seen[0]?.headers).toEqual(headers);
  });

  it('by the wall clock it comes out by itself', async () => {
    const source = new Subject<KRecord<string, number>>();
    const first = firstValueFrom(source.pipe(debounceByKey(waiting, 15, { time: 'wall-clock' })));
    source.next(record('a', 1, 5));
    source.next(record('a', 2, 6));
    expect((await first).value).toBe(2);
  });
});
