import { describe, expect, it } from '@jest/globals';
import { compareTopologies } from '../../lib/topology/compareTopologies.ts';
import type { StoreSnapshot, TopologySnapshot } from '../../lib/topology/snapshot.ts';

const store = (name: string, o: Partial<StoreSnapshot> = {}): StoreSnapshot => ({
  name,
  kind: 'key-value',
  key: 'string',
  value: 'json',
  changelog: 'topic',
  subTopology: 0,
  ...o,
});
const snapshot = (o: Partial<TopologySnapshot>): TopologySnapshot => ({
  version: 1,
  stores: [],
  topics: [],
  subTopologies: [],
  ...o,
});
const verdicts = (before: TopologySnapshot, after: TopologySnapshot) => {
  const { safe, verdicts } = compareTopologies(before, after);
  return { safe, verdicts: verdicts.map(({ name, verdict }) => `${name}: ${verdict}`) };
};

describe('compareTopologies', () => {
  it('tells kept, new and renamed stores, and calls that safe', () => {
    expect(
      verdicts(
        snapshot({ stores: [store('a'), store('b')] }),
        snapshot({ stores: [store('a'), store('c', { formerly: 'b' }), store('d')] }),
      ),
    ).toEqual({ safe: true, verdicts: ['a: kept', 'c: renamed', 'd: new'] });
  });

  it('tells a lost store, with the remedy', () => {
    const report = compareTopologies(snapshot({ stores: [store('a')] }), snapshot({}));
    expect(report.safe).toBe(false);
    expect(String(report)).toContain("{ formerly: 'a' }");
  });

  it('tells a store whose rows could not be read', () => {
    for (const change of [{ value: 'number' }, { kind: 'window' }, { key: 'json' }]) {
      expect(
        verdicts(snapshot({ stores: [store('a')] }), snapshot({ stores: [store('a', change)] })),
      ).toEqual({ safe: false, verdicts: ['a: incompatible'] });
    }
  });

  it('a repartition that is gone is unsafe, a sink that is gone is not', () => {
    const topic = (name: string, role: 'sink' | 'repartition') => ({
      name,
      role,
      key: 'string',
      value: 'json',
    });
    expect(compareTopologies(snapshot({ topics: [topic('x', 'sink')] }), snapshot({})).safe).toBe(
      true,
    );
    expect(
      compareTopologies(snapshot({ topics: [topic('x', 'repartition')] }), snapshot({})).safe,
    ).toBe(false);
  });
});
