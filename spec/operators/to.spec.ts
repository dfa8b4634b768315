import { describe, expect, it } from '@jest/globals';
import { stream } from '../../lib/operators/stream.ts';
import { table } from '../../lib/operators/table.ts';
import { to } from '../../lib/operators/to.ts';
import { topic } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { record } from '../../lib/testing/record.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { cells } from './cells.ts';
import { itIsAnOperator } from './marbles.ts';

const numbers = topic('numbers', number());

describe('to', () => {
  itIsAnOperator(() => to(numbers), record('a', 1));

  it('outside a topology there is nothing to write to: it swallows', () => {
    cells(to(numbers), 'a1@1  _2@2  a~@3', '-  -  -');
  });

  it('a fixed topic is in the plan', () => {
    const copied = topology(() => {
      stream(numbers).pipe(to(topic('copy', number())));
    });
    expect(copied.describe()).toContain('(topic: copy)');
  });

  it('a topic can be chosen for each record', () => {
    const spread = topology(() => {
      stream(numbers).pipe(to((one) => `by-${one.key}`, { value: number() }));
    });
    expect(spread.describe()).toContain('extractor class');
  });

  it('a table is refused by the planner too', () => {
    const build = (): void => {
      (table(numbers) as never as ReturnType<typeof stream<string, number>>).pipe(to(numbers));
    };
    expect(() => topology(build).describe()).toThrow(/toStream/);
  });
});
