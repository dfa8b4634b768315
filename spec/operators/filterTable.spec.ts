import { describe, expect, it } from '@jest/globals';
import { filter, Subject } from 'rxjs';
import type { AnyRecord, KTable } from '../../lib/model/record.ts';
import { count } from '../../lib/operators/count.ts';
import { filterTable } from '../../lib/operators/filterTable.ts';
import { groupTableBy } from '../../lib/operators/groupTableBy.ts';
import { leftJoin } from '../../lib/operators/leftJoin.ts';
import { table } from '../../lib/operators/table.ts';
import { to } from '../../lib/operators/to.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import { toTable } from '../../lib/operators/toTable.ts';
import { type KeyValueStore, keyValueStore, topic } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { number } from '../../lib/serde/number.ts';
import { change, record } from '../../lib/testing/record.ts';
import { topologyTest } from '../../lib/testing/topologyTest.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { itIsAnOperator, marbles, shown } from './marbles.ts';

const isLarge = (value: number): boolean => value > 5;

describe('filterTable', () => {
  itIsAnOperator(() => filterTable<string, number>(isLarge), change('a', 7, null));

  it('a row that stops passing is deleted, one that never passed is silent', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('abcd', {
        a: change<string, number | null>('a', 3, null, 1),
        b: change<string, number | null>('a', 7, 3, 2),
        c: change<string, number | null>('a', 2, 7, 3),
        d: change<string, number | null>('a', null, 2, 4),
      });
      expectObservable(source.pipe(filterTable(isLarge))).toBe('-bc', {
        b: change('a', 7, null, 2),
        c: change('a', null, 7, 3),
      });
    });
  });

  it('a change within what passes keeps the row before; the same change again is a change', () => {
    marbles(({ cold, expectObservable }) => {
      const values = { a: change('a', 8, 6, 1), b: change('a', 8, 8, 1) };
      expectObservable(cold('ab', values).pipe(filterTable(isLarge))).toBe('ab', values);
    });
  });

  it('with a store the row before is the one kept', () => {
    marbles(({ cold, expectObservable }) => {
      const large = keyValueStore('large', json<number>());
      const source = cold('ab', { a: change('a', 7, null, 5), b: change('a', 9, 7, 3) });
      expectObservable(source.pipe(filterTable(isLarge, { store: large }))).toBe('ab', {
        a: change('a', 7, null, 5),
        b: change('a', 9, 7, 3),
      });
    });
  });

  it('with a store a key it never held is silent, whatever the row before was', () => {
    marbles(({ cold, expectObservable }) => {
      const large = keyValueStore('large', json<number>());
      const source = cold('ab', { a: change('a', 2, 7, 1), b: change('a', 8, 2, 2) });
      expectObservable(source.pipe(filterTable(isLarge, { store: large }))).toBe('-b', {
        b: change('a', 8, null, 2),
      });
    });
  });

  it('a throwing test is an error', () => {
    marbles(({ cold, expectObservable }) => {
      const fails = (): boolean => {
        throw new Error('test');
      };
      const source = cold('a', { a: change('a', 1, null) });
      expectObservable(source.pipe(filterTable(fails))).toBe('#', {}, new Error('test'));
    });
  });

  it("RxJS's filter on a table is noticed: a change was lost", () => {
    const input = new Subject<ReturnType<typeof record<string, number | null>>>();
    const seen: string[] = [];
    let failure: unknown;
    input
      .pipe(
        toTable(keyValueStore('rows', json<number>())),
        filter((row) => row.value !== null),
        filterTable(isLarge),
        toStream(),
      )
      .subscribe({
        next: (row) => seen.push(shown(row as unknown as AnyRecord)),
        error: (error: unknown) => {
          failure = error;
        },
      });
    input.next(record('a', 7, 1));
    input.next(record('a', null, 2));
    input.next(record('b', 8, 3));
    expect(seen).toEqual(['"a" 7 @1']);
    expect(failure).toMatchObject({ code: 'CHANGE_LOST' });
    expect(String(failure)).toContain('Use filterTable instead of filter');
  });
});

describe('filterTable in a task, as in Kafka Streams', () => {
  const numbers = topic('numbers', json<number | null>());
  const out = topic('out', json<number | null>());
  const named = { store: keyValueStore('numbers-kept', json<number | null>()) };

  /** What comes of the table's filter for a row that never passed, and for its deletion. */
  async function outOf(
    o: { readonly store?: KeyValueStore<string, number | null> },
    also: (filtered: KTable<string, number | null>, source: KTable<string, number | null>) => void,
  ): Promise<string[]> {
    const filtering = topology(() => {
      const source = table(numbers, o);
      const filtered = source.pipe(filterTable(isLarge));
      filtered.pipe(toStream(), to(out));
      also(filtered, source);
    });
    const test = await topologyTest(filtering);
    await test.write(numbers, { key: 'a', value: 3, timestamp: 1 });
    await test.write(numbers, { key: 'a', value: null, timestamp: 2 });
    const results = test.read(out).map((one) => shown(one as unknown as AnyRecord));
    await test.close();
    return results;
  }

  const nothing = (): void => {};
  const lookedInto = (rows: KTable<string, number | null>): void => {
    const others = table(topic('others', json<number | null>()));
    rows.pipe(
      leftJoin(others, (a) => a),
      toStream(),
      to(topic('joined', json<number | null>())),
    );
  };
  const regrouped = (rows: KTable<string, number | null>): void => {
    const perValue = keyValueStore('per-value', number());
    rows.pipe(
      groupTableBy('by-value', (value) => `${value}`),
      count(perValue),
    );
  };

  it('a table with a store tells the row before: what never passed is silent', async () => {
    expect(await outOf(named, nothing)).toEqual([]);
  });

  it('one without does not: deletions go through', async () => {
    expect(await outOf({}, nothing)).toEqual(['"a" null @1', '"a" null @2']);
  });

  it('unless somebody behind the filter needs the row before', async () => {
    expect(await outOf({}, lookedInto)).toEqual([]);
    expect(await outOf({}, regrouped)).toEqual([]);
  });

  it('who needs it of the table alone, and comes later, does not help the filter', async () => {
    const deletions = ['"a" null @1', '"a" null @2'];
    expect(await outOf({}, (_, source) => lookedInto(source))).toEqual(deletions);
  });
});
