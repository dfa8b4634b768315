import { describe, it } from '@jest/globals';
import { pipe } from 'rxjs';
import { sessionWindows } from '../../lib/model/windows/sessionWindows.ts';
import { tumblingWindows } from '../../lib/model/windows/tumblingWindows.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { reduce } from '../../lib/operators/reduce.ts';
import { windowedBy } from '../../lib/operators/windowedBy.ts';
import { keyValueStore, sessionStore, windowStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { change, record } from '../../lib/testing/record.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

type Value = number | null;
const results = keyValueStore('results', json<Value>());
const sum = (a: Value, b: Value): Value => Number(a) + Number(b);
const group = groupByKey<string, Value>;
const summed = () => pipe(group(), reduce(results, sum));

describe('reduce', () => {
  itIsAnOperator(summed, record('a', 1));
  itServesTwo(summed, 'a1@0  a1@1  b1@2');

  // biome-ignore format: a picture
  it('the first value as it is, then combined; null keys and values are dropped', () => {
    cells(summed(), 'a1@1    b5@9    a2@5    a2@3    _1@7  a~@8', 
                    'a~→1@1  b~→5@9  a1→3@5  a3→5@5  -     -', { previous: true });
  });

  // biome-ignore format: a picture
  it('a result of null deletes the row', () => {
    const nullAtZero = (a: Value, b: Value): Value => sum(a, b) || null;
    cells(pipe(group(), reduce(results, nullAtZero)), 
      'a5@1    a-5@4   a2@3', 
      'a~→5@1  a5→~@4  a~→2@3', { previous: true });
  });

  // biome-ignore format: a picture
  it('by windows', () => {
    const windows = tumblingWindows({ sizeMs: 10, graceMs: 0 });
    cells(pipe(group(), windowedBy(windows), reduce(windowStore('w', json<Value>()), sum)), 
      'a1@1        a2@5        a4@10', 
      'a[0,10]1@1  a[0,10]3@5  a[10,20]4@10');
  });

  // biome-ignore format: a picture
  it('sessions merge with the reducer too, older first', () => {
    const windows = sessionWindows({ gapMs: 10, graceMs: 50 });
    const minus = (a: Value, b: Value): Value => Number(a) - Number(b);
    cells(pipe(group(), windowedBy(windows), reduce(sessionStore('s', json<Value>()), minus)), 
      'a9@0       a3@20         a1@10', 
      'a[0,0]9@0  a[20,20]3@20  a[0,0]~@0 a[20,20]~@20 a[0,20]5@20');
  });

  it('a throwing reducer is an error', () => {
    const fails = (): Value => {
      throw new Error('reduce');
    };
    marbles(({ cold, expectObservable }) => {
      const source = cold<ReturnType<typeof record<string, Value>>>('ab', {
        a: record<string, Value>('a', 1),
        b: record<string, Value>('a', 2),
      });
      const reduced = source.pipe(group(), reduce(results, fails));
      const first = change<string, Value>('a', 1, null);
      expectObservable(reduced).toBe('a#', { a: first }, new Error('reduce'));
    });
  });
});
