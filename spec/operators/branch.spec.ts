import { describe, expect, it } from '@jest/globals';
import { map, merge, type Observable } from 'rxjs';
import type { KStream } from '../../lib/model/record.ts';
import { branch } from '../../lib/operators/branch.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { topic } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { record } from '../../lib/testing/record.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

type Numbers = KStream<string, number>;

/** Marks each record with the branch it went to. */
const parts = (source: Numbers): Observable<unknown> => {
  const { large, even, rest } = branch(source, {
    large: ({ value }) => value > 100,
    even: ({ value }) => value % 2 === 0,
    rest: ({ value }) => value !== null && value > 0,
  });
  const marked = (name: string, part: Numbers): Observable<unknown> =>
    part.pipe(map((one) => ({ ...one, value: `${name} ${one.value}` })));
  return merge(marked('large', large), marked('even', even), marked('rest', rest));
};

const all = (source: Numbers): Numbers => branch(source, { all: true }).all;

describe('branch', () => {
  itIsAnOperator(() => all, record('a', 1));
  itServesTwo(() => parts, 'a1@0  b200@1');

  // biome-ignore format: a picture
  it('the first branch that takes a record has it; what none takes is gone', () => {
    cells(parts, 'a200@3          b4@2         a7@1         a7@1         b-1@5  _9@0', 
                 'a"large 200"@3  b"even 4"@2  a"rest 7"@1  a"rest 7"@1  -      _"rest 9"@0');
  });

  it('true takes all that is left, null values too', () => {
    cells(
      (source: Numbers) => branch(source, { none: () => false, rest: true }).rest,
      'a~@1',
      'a~@1',
    );
  });

  it('a throwing test is an error', () => {
    const fails = (): boolean => {
      throw new Error('test');
    };
    marbles(({ cold, expectObservable }) => {
      const { some } = branch(cold('a', { a: record('a', 1) }), { some: fails });
      expectObservable(some).toBe('#', {}, new Error('test'));
    });
  });

  it('in a topology it is one node with an output for each branch', () => {
    const parted = topology(() => {
      const { large, rest } = branch(stream(topic('in', number())), {
        large: (one) => one.value > 100,
        rest: true,
      });
      large.pipe(to(topic('large', number())));
      rest.pipe(to(topic('rest', number())));
    });
    expect(parted.describe().match(/Processor: KSTREAM-BRANCH/g)).toHaveLength(1);
  });
});
