import { describe, expect, it } from '@jest/globals';
import { map, pipe, tap } from 'rxjs';
import type { KRecord } from '../../lib/model/record.ts';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { stream } from '../../lib/operators/stream.ts';
import { table } from '../../lib/operators/table.ts';
import { keyValueStore, topic } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { record } from '../../lib/testing/record.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { cells } from './cells.ts';
import { itIsAnOperator } from './marbles.ts';

const counts = keyValueStore('counts', number());
const numbers = topic('numbers', number());

describe('groupByKey', () => {
  itIsAnOperator(() => groupByKey(), record('a', 1));

  it('says something, and lets records through as they are', () => {
    cells(groupByKey(), 'a1@5  b2@3  _1@1  a~@4', 'a1@5  b2@3  _1@1  a~@4');
  });

  it('is no node of the plan: the aggregation behind it is', () => {
    const counted = topology(() => {
      stream(numbers).pipe(groupByKey(), count(counts));
    });
    expect(counted.describe().match(/Processor:/g)).toHaveLength(1);
  });

  it('must stand just before the aggregation', () => {
    const between = pipe(
      groupByKey<string, number>(),
      tap(() => {}),
      count(counts),
    );
    expect(() => cells(between, 'a1@1', '-')).toThrow(/groupByKey\(\).*just before/);
  });

  it('a key that a foreign map changed is noticed when the record comes', () => {
    const moved = pipe(
      map((one: KRecord<string, number>) => ({ ...one, key: 'z' })),
      groupByKey<string, number>(),
      count(counts),
    );
    expect(() => cells(moved, 'a1@1', '-')).toThrow(/from 'a' to 'z' without a repartition/);
  });

  it('a table is refused by the planner too', () => {
    const build = (): void => {
      const rows = table(numbers) as never as ReturnType<typeof stream<string, number>>;
      rows.pipe(groupByKey(), count(counts));
    };
    expect(() => topology(build).describe()).toThrow(/cannot follow what is 'table'/);
  });
});
