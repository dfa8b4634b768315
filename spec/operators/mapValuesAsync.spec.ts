import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, map, Subject, toArray } from 'rxjs';
import { skip } from '../../lib/model/ErrorPolicy.ts';
import type { KRecord } from '../../lib/model/record.ts';
import {
  type AsyncCall,
  type AsyncOptions,
  mapValuesAsync,
} from '../../lib/operators/mapValuesAsync.ts';
import { record } from '../../lib/testing/record.ts';
import { itIsAnOperator } from './marbles.ts';

type Numbers = KRecord<string, number>;
interface Pending {
  readonly value: number;
  readonly call: AsyncCall;
  readonly resolve: (result: string) => void;
  readonly reject: (error: Error) => void;
}

const usual: AsyncOptions = { concurrency: 2, order: 'none', timeoutMs: 10_000 };

/** Calls are answered by hand, so each order of answers can be tried. */
function byHand(o: Partial<AsyncOptions>): {
  readonly source: Subject<Numbers>;
  readonly calls: Pending[];
  readonly seen: string[];
  readonly answer: (value: number) => Promise<void>;
} {
  const source = new Subject<Numbers>();
  const calls: Pending[] = [];
  const seen: string[] = [];
  const project = (value: number, _key: string, call: AsyncCall): Promise<string> =>
    new Promise((resolve, reject) => calls.push({ value, call, resolve, reject }));
  source.pipe(mapValuesAsync(project, { ...usual, ...o })).subscribe({
    next: ({ key, value, timestamp }) => seen.push(`${key}${value}@${timestamp}`),
    error: (error: Error) => seen.push(`# ${error.message}`),
    complete: () => seen.push('|'),
  });
  const answer = async (value: number): Promise<void> => {
    calls.find((call) => call.value === value)?.resolve(`r${value}`);
    await quiet();
  };
  return { source, calls, seen, answer };
}

const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
const started = (calls: readonly Pending[]): number[] => calls.map(({ value }) => value);

describe('mapValuesAsync', () => {
  itIsAnOperator(() => mapValuesAsync(async () => 1, usual), record('a', 1));

  it('one record for each, with key and timestamp; null values are shown', async () => {
    const source = new Subject<KRecord<string | null, number | null>>();
    const results = lastValueFrom(
      source.pipe(
        mapValuesAsync(async (value, key) => `${key}:${value}`, usual),
        map(({ key, value, timestamp }) => [key, value, timestamp]),
        toArray(),
      ),
    );
    source.next(record(null, 1, 5));
    source.next(record('a', null, 3));
    source.complete();
    expect(await results).toEqual([
      [null, 'null:1', 5],
      ['a', 'a:null', 3],
    ]);
  });

  it('no more calls than said at once, and the end waits for them', async () => {
    const { source, calls, seen, answer } = byHand({});
    for (const value of [1, 2, 3]) source.next(record('a', value, value));
    source.complete();
    expect(started(calls)).toEqual([1, 2]);
    await answer(2);
    expect(started(calls)).toEqual([1, 2, 3]);
    await answer(1);
    expect(seen).toEqual(['ar2@2', 'ar1@1']);
    await answer(3);
    expect(seen).toEqual(['ar2@2', 'ar1@1', 'ar3@3', '|']);
  });

  it('order by partition: as they came in', async () => {
    const { source, calls, seen, answer } = byHand({ order: 'partition', concurrency: 3 });
    for (const value of [1, 2, 3]) source.next(record(`k${value}`, value));
    expect(started(calls)).toEqual([1, 2, 3]);
    await answer(3);
    await answer(2);
    expect(seen).toEqual([]);
    await answer(1);
    expect(seen).toEqual(['k1r1@0', 'k2r2@0', 'k3r3@0']);
  });

  it("order by key: a key's next call waits for its last, others do not", async () => {
    const { source, calls, seen, answer } = byHand({ order: 'key', concurrency: 3 });
    source.next(record('a', 1));
    source.next(record('a', 2));
    source.next(record('b', 3));
    expect(started(calls)).toEqual([1, 3]);
    await answer(3);
    await answer(1);
    expect(started(calls)).toEqual([1, 3, 2]);
    await answer(2);
    expect(seen).toEqual(['br3@0', 'ar1@0', 'ar2@0']);
  });

  it('a failed attempt is made again, with the same idempotency key', async () => {
    const seen: (readonly [number, string])[] = [];
    const source = new Subject<Numbers>();
    const project = async (value: number, _key: string, call: AsyncCall): Promise<number> => {
      seen.push([call.attempt, call.idempotencyKey]);
      if (call.attempt < 3) throw new Error('not yet');
      return value * 2;
    };
    const result = lastValueFrom(
      source.pipe(mapValuesAsync(project, { ...usual, retry: { times: 2, backoffMs: 1 } })),
    );
    source.next(record('a', 1));
    source.complete();
    expect((await result).value).toBe(2);
    expect(seen).toEqual([
      [1, 'test-0-0'],
      [2, 'test-0-0'],
      [3, 'test-0-0'],
    ]);
  });

  it('the last failure is an error; or what onError says', async () => {
    const failing = byHand({});
    failing.source.next(record('a', 1));
    failing.calls[0]?.reject(new Error('down'));
    await quiet();
    expect(failing.seen).toEqual(['# down']);

    const skipping = byHand({ onError: skip });
    skipping.source.next(record('a', 1));
    skipping.source.next(record('a', 2));
    skipping.calls[0]?.reject(new Error('down'));
    await skipping.answer(2);
    expect(skipping.seen).toEqual(['ar2@0']);
  });

  it('a throw before the promise counts like a rejection', async () => {
    const source = new Subject<Numbers>();
    const fails = (): Promise<number> => {
      throw new Error('at once');
    };
    const result = lastValueFrom(source.pipe(mapValuesAsync(fails, usual)));
    source.next(record('a', 1));
    await expect(result).rejects.toThrow('at once');
  });

  it('what takes too long is aborted', async () => {
    const { source, calls, seen } = byHand({ timeoutMs: 5 });
    source.next(record('a', 1));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(calls[0]?.call.signal.aborted).toBe(true);
    expect(seen[0]).toMatch(/attempt 1 took longer than 5 ms/);
  });

  it('unsubscribing aborts what is under way', () => {
    const signals: AbortSignal[] = [];
    const source = new Subject<Numbers>();
    const hangs = (_value: number, _key: string, { signal }: AsyncCall): Promise<number> => {
      signals.push(signal);
      return new Promise(() => {});
    };
    const subscription = source.pipe(mapValuesAsync(hangs, usual)).subscribe();
    source.next(record('a', 1));
    subscription.unsubscribe();
    expect(signals.map((signal) => signal.aborted)).toEqual([true]);
  });

  it('refuses to call for nothing at once', () => {
    expect(() => mapValuesAsync(async () => 1, { ...usual, concurrency: 0 })).toThrow(/1 or more/);
  });
});
