import { describe, expect, it } from '@jest/globals';
import { merge } from 'rxjs';
import { join } from '../../lib/operators/join.ts';
import { repartition } from '../../lib/operators/repartition.ts';
import { repartitionBy } from '../../lib/operators/repartitionBy.ts';
import { stream } from '../../lib/operators/stream.ts';
import { table } from '../../lib/operators/table.ts';
import { to } from '../../lib/operators/to.ts';
import type { AppLayout } from '../../lib/runtime/AppLayout.ts';
import { layOut } from '../../lib/runtime/layOut.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { input, other, output } from './support/harness.ts';

function laidOut(factory: () => void, counts: Readonly<Record<string, number>>): AppLayout {
  return layOut({
    applicationId: 'app',
    plan: topology(factory).plan,
    topicsOf: (node) => node.source?.topics ?? [],
    counts: new Map(Object.entries(counts)),
    idle: false,
  });
}
const widths = (layout: AppLayout): Record<string, number> =>
  Object.fromEntries([...layout.repartitions.values()].map((r) => [r.name, r.partitions]));

describe('layOut', () => {
  it('gives a sub-topology as many tasks as its widest topic has partitions', () => {
    const layout = laidOut(
      () => {
        const merged = stream(input);
        merged.pipe(to(output));
        stream(other).pipe(to(output));
      },
      { in: 3, other: 5, out: 1 },
    );
    expect(layout.subTopologies.map((sub) => sub.tasks)).toEqual([3, 5]);
    expect(layout.topics).toEqual(['in', 'other']);
  });

  it('makes a repartition as wide as told, else as its writers are many', () => {
    const layout = laidOut(
      () => {
        stream(input).pipe(
          repartitionBy('by-value', (value) => value),
          repartition('again', { partitions: 7 }),
          repartition('and-again'),
          to(output),
        );
      },
      { in: 3, out: 1 },
    );
    expect(widths(layout)).toEqual({ 'by-value': 3, again: 7, 'and-again': 7 });
  });

  it('makes a repartition as wide as the topic it is joined with', () => {
    const layout = laidOut(
      () => {
        stream(input).pipe(
          repartitionBy('by-value', (value) => value),
          join(table(other), (a, b) => a + b),
          to(output),
        );
      },
      { in: 3, other: 5, out: 1 },
    );
    expect(widths(layout)).toEqual({ 'by-value': 5 });
  });

  it('a cycle of repartitions is as wide as what else comes into it', () => {
    const layout = laidOut(
      () => {
        const source = stream(input);
        const through = source.pipe(repartition('through'));
        merge(source, through).pipe(repartition('again'), to(output));
      },
      { in: 3, out: 1 },
    );
    expect(widths(layout)).toEqual({ through: 3, again: 3 });
  });

  it('gives each upstream task a lane, and one alone none of its own', () => {
    const through = (): void => {
      stream(input).pipe(
        repartitionBy('by-value', (value) => value),
        to(output),
      );
    };
    expect(laidOut(through, { in: 3, out: 1 }).subTopologies[1]?.lanes).toEqual({
      count: 4,
      groups: [
        [0, 0],
        [1, 3],
      ],
    });
    expect(laidOut(through, { in: 1, out: 1 }).subTopologies[1]?.lanes.count).toBe(1);
  });

  it('names the topics that do not fit, and the remedy', () => {
    const joined = (): void => {
      stream(input).pipe(
        join(table(other), (a, b) => a + b),
        to(output),
      );
    };
    expect(() => laidOut(joined, { in: 3, other: 4, out: 1 })).toThrow(
      /in has 3 partitions, other has 4 partitions\. Put repartition\('name', \{ partitions: 4/,
    );
  });
});
