import { describe, it } from '@jest/globals';
import { pipe } from 'rxjs';
import { toStream } from '../../lib/operators/toStream.ts';
import { toTable } from '../../lib/operators/toTable.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { change, record } from '../../lib/testing/record.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

const rows = keyValueStore('rows', json<number>());
const there = (): unknown => pipe(toTable(rows), toStream());

describe('toStream', () => {
  itIsAnOperator(() => toStream<string, number>(), change('a', 1, null));
  itServesTwo(there, 'a1@0  a2@1');

  // biome-ignore format: a picture
  it('what a row is now; deletions are null values; out of order and twice as they come', () => {
    cells(there(), 'a1@5  a2@3  a2@3  a~@9  b~@1', 
                   'a1@5  a2@3  a2@3  a~@9  b~@1');
  });

  it('forgets the row before', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('a', { a: change('a', 2, 1, 4) });
      expectObservable(source.pipe(toStream())).toBe('a', { a: record('a', 2, 4) });
    });
  });
});
