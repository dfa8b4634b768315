import { describe, it } from '@jest/globals';
import { map, pipe } from 'rxjs';
import type { KRecord } from '../../lib/model/record.ts';
import { toTable } from '../../lib/operators/toTable.ts';
import { keyValueStore, versionedStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { record } from '../../lib/testing/record.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator } from './marbles.ts';

const rows = keyValueStore('rows', json<number>());

describe('toTable', () => {
  itIsAnOperator(() => toTable(rows), record('a', 1));
  itServesTwo(() => toTable(rows), 'a1@0  a2@1');

  // biome-ignore format: a picture
  it('each change knows the row before; null deletes; null keys are dropped', () => {
    cells(
      toTable(rows), 
      'a1@1    a2@2    b5@3    a~@4    a~@5    _1@6  a3@7', 
      'a~→1@1  a1→2@2  b~→5@3  a2→~@4  a~→~@5  -     a~→3@7', 
      { previous: true },
    );
  });

  // biome-ignore format: a picture
  it('out of order and twice: the last to come is the row', () => {
    cells(toTable(rows), 'a1@9    a2@3    a2@3', 
                         'a~→1@9  a1→2@3  a2→2@3', { previous: true });
  });

  it('a versioned store takes what is older into the history', () => {
    const history = versionedStore('history', json<number>(), { retentionMs: 100 });
    cells(toTable(history), 'a1@9  a2@3', 'a1@9  a2@3');
  });

  it('a key changed on the way is noticed', () => {
    const moved = pipe(
      map((one: KRecord<string, number | null>) => ({ ...one, key: 'z' })),
      toTable(rows),
    );
    cells(moved, 'a1@1', '#');
  });
});
