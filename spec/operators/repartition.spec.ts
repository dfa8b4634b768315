import { describe, expect, it } from '@jest/globals';
import { repartition } from '../../lib/operators/repartition.ts';
import { selectKey } from '../../lib/operators/selectKey.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { topic } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { string } from '../../lib/serde/string.ts';
import { record } from '../../lib/testing/record.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator } from './marbles.ts';

describe('repartition', () => {
  itIsAnOperator(() => repartition('again'), record('a', 1));
  itServesTwo(() => repartition('again'), 'a1@0  b2@1');

  it('outside a topology records go on as they are, null keys and values too', () => {
    cells(repartition('again'), 'a1@5  b2@3  b2@3  _1@1  a~@4', 'a1@5  b2@3  b2@3  _1@1  a~@4');
  });

  it('in a topology it is a sink and a source, with a topic between two sub-topologies', () => {
    const moved = topology(() => {
      stream(topic('in', string())).pipe(
        selectKey((word) => word.value),
        repartition('by-word', { value: string(), partitions: 8 }),
        to(topic('out', string())),
      );
    });
    const text = moved.describe();
    expect(text).toContain('(topic: by-word-repartition)');
    expect(text).toContain('(topics: [by-word-repartition])');
    expect(text).toContain('Sub-topology: 1');
  });

  it('two of one name are refused', () => {
    const build = (): void => {
      const numbers = stream(topic('in', number()));
      numbers.pipe(repartition('same'), to(topic('out', number())));
      numbers.pipe(repartition('same'), to(topic('out', number())));
    };
    expect(() => topology(build).describe()).toThrow(/named 'same'/);
  });
});
