import { describe, expect, it } from '@jest/globals';
import { type OperatorFunction, Subject } from 'rxjs';
import type { AnyRecord, KRecord } from '../../lib/model/record.ts';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import type { ValueProcessorContext } from '../../lib/operators/internal/processing.ts';
import { processValues } from '../../lib/operators/processValues.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { record } from '../../lib/testing/record.ts';
import { itIsAnOperator, marbles, shown } from './marbles.ts';

const sums = keyValueStore('sums', json<number>());
const summing = (context: ValueProcessorContext<number>) => ({
  process: ({ key, value, timestamp }: KRecord<string, number>) => {
    const sum = (context.store(sums).get(key)?.value ?? 0) + value;
    context.store(sums).put(key, sum, timestamp);
    context.forward(sum);
  },
});
const make = (): OperatorFunction<KRecord<string, number>, KRecord<string, number>> =>
  processValues(summing, { stores: [sums] });

describe('processValues', () => {
  itIsAnOperator(make, record('a', 1));

  it('forwards values under the key of the record in hand', () => {
    marbles(({ cold, expectObservable }) => {
      const values = { a: record('a', 5, 1), b: record('b', 2, 2), c: record('a', 3, 0) };
      expectObservable(cold('abc', values).pipe(make())).toBe('abc', {
        ...values,
        c: record('a', 8, 0),
      });
    });
  });

  it('needs no repartition before grouping', () => {
    marbles(({ cold, expectObservable }) => {
      const counted = cold('aa', { a: record('a', 5, 1) }).pipe(
        make(),
        groupByKey(),
        count(keyValueStore('counts', json<number>())),
      );
      expectObservable(counted, '--!').toBe('ab', {
        a: { ...record('a', 1, 1), previous: 0 },
        b: { ...record('a', 2, 1), previous: 1 },
      });
    });
  });

  it('a punctuation has no key, so it cannot forward', () => {
    const input = new Subject<KRecord<string, number>>();
    const failures: unknown[] = [];
    const seen: string[] = [];
    input
      .pipe(
        processValues((context: ValueProcessorContext<number>) => {
          context.schedule({ time: 'stream', intervalMs: 10 }, () => context.forward(1));
          return { process: (one: KRecord<string, number>) => context.forward(one.value) };
        }),
      )
      .subscribe({
        next: (out) => seen.push(shown(out as unknown as AnyRecord)),
        error: (error: unknown) => failures.push(error),
      });
    input.next(record('a', 5, 1));
    expect(seen).toEqual(['"a" 5 @1']);
    expect(failures).toMatchObject([{ code: 'OUT_OF_TURN' }]);
  });
});
