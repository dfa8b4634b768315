import { describe, expect, it } from '@jest/globals';
import { pipe } from 'rxjs';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { repartitionBy } from '../../lib/operators/repartitionBy.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { keyValueStore, topic } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { record } from '../../lib/testing/record.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

const parity = (value: unknown): string => (Number(value) % 2 === 0 ? 'even' : 'odd');

describe('repartitionBy', () => {
  itIsAnOperator(() => repartitionBy('parity', parity), record('a', 1));
  itServesTwo(() => repartitionBy('parity', parity), 'a1@0  b2@1');

  // biome-ignore format: a picture
  it('gives the key the records are then partitioned by', () => {
    const counts = keyValueStore('counts', number());
    const counted = pipe(repartitionBy('parity', parity), groupByKey(), count(counts));
    cells(counted, 'a1@5    b2@3     a3@4    a3@4    _4@1', 
                   'odd1@5  even1@3  odd2@5  odd3@5  even2@3');
  });

  it('the function sees value and key', () => {
    const keyOf = (value: unknown, key: unknown): string => `${String(key)}x${String(value)}`;
    cells(repartitionBy('both', keyOf), 'a1@1  a~@2', 'ax11@1  axnull~@2');
  });

  it('a throwing function is an error', () => {
    const fails = (): string => {
      throw new Error('select');
    };
    marbles(({ cold, expectObservable }) => {
      const source = cold('a', { a: record('a', 1) });
      const moved = source.pipe(repartitionBy('by', fails));
      expectObservable(moved).toBe('#', {}, new Error('select'));
    });
  });

  it('in a topology it is one sink and one source', () => {
    const moved = topology(() => {
      stream(topic('in', number())).pipe(
        repartitionBy('by-parity', (value) => parity(value), { value: number() }),
        to(topic('out', number())),
      );
    });
    expect(moved.describe().match(/Sink: KSTREAM-SINK/g)).toHaveLength(2);
  });
});
