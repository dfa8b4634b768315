import { describe, it } from '@jest/globals';
import { pairwiseByKey } from '../../lib/operators/pairwiseByKey.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { record } from '../../lib/testing/record.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator } from './marbles.ts';

const last = keyValueStore('last', json<number>());

describe('pairwiseByKey', () => {
  itIsAnOperator(() => pairwiseByKey(last), record('a', 1));
  itServesTwo(() => pairwiseByKey(last), 'a1@0  a2@1  b1@2');

  // biome-ignore format: a picture
  it("RxJS's pairwise, key by key, in order of arrival; null keys and values are dropped", () => {
    cells(pairwiseByKey(last), 'a1@5  b2@6  a3@7      a4@1      a4@1      _1@1  a~@6  b5@9', 
                               '-     -     a[1,3]@7  a[3,4]@1  a[4,4]@1  -     -     b[2,5]@9');
  });

  // biome-ignore format: a picture
  it('a key that was quiet for its time to live begins again', () => {
    const brief = keyValueStore('brief', json<number>(), { ttlMs: 10 });
    cells(pairwiseByKey(brief), 'a1@0  a2@9      a3@19  a4@20', 
                                '-     a[1,2]@9  -      a[3,4]@20');
  });
});
