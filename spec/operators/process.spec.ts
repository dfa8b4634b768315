import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import type { AnyRecord, KRecord } from '../../lib/model/record.ts';
import type { ProcessorContext } from '../../lib/operators/internal/processing.ts';
import { process } from '../../lib/operators/process.ts';
import { keyValueStore, versionedStore, windowStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { record } from '../../lib/testing/record.ts';
import { itIsAnOperator, marbles, shown } from './marbles.ts';

type Context = ProcessorContext<string | null, unknown>;
const twice = (context: Context) => ({
  process: ({ key, value, timestamp }: KRecord<string | null, unknown>) => {
    context.forward({ key, value });
    context.forward({ key: `${key}'`, value, timestamp: timestamp + 1 });
  },
});

/** What a processor forwards for these records. */
function forwardedOf(
  make: (context: Context) => { process: (record: never) => void; close?: () => void },
  records: readonly KRecord<string | null, unknown>[],
  o: Parameters<typeof process>[1] = {},
): string[] {
  const input = new Subject<KRecord<string | null, unknown>>();
  const seen: string[] = [];
  const subscription = input
    .pipe(process(make as never, o))
    .subscribe((out) => seen.push(shown(out as unknown as AnyRecord)));
  for (const one of records) input.next(one);
  subscription.unsubscribe();
  return seen;
}

describe('process', () => {
  itIsAnOperator(() => process(twice), record<string | null, unknown>('a', 1));

  it('forwards any number of records, with the time and headers of the one in hand', () => {
    marbles(({ cold, expectObservable }) => {
      const headers = [['h', null]] as const;
      const source = cold('a', {
        a: record<string | null, unknown>('a', 1, { timestamp: 5, headers }),
      });
      expectObservable(source.pipe(process(twice))).toBe('(ab)', {
        a: record('a', 1, { timestamp: 5, headers }),
        b: record("a'", 1, { timestamp: 6, headers }),
      });
    });
  });

  it('null keys and null values are shown to it', () => {
    const out = forwardedOf(twice, [record(null, null, 1)]);
    expect(out).toEqual(['null null @1', '"null\'" null @2']);
  });

  it('an object is a processor too; init comes first, close last', () => {
    const calls: string[] = [];
    const input = new Subject<KRecord<string, number>>();
    const subscription = input
      .pipe(
        process({
          init: () => calls.push('init'),
          process: ({ key }) => calls.push(key),
          close: () => calls.push('close'),
        }),
      )
      .subscribe();
    input.next(record('a', 1));
    subscription.unsubscribe();
    expect(calls).toEqual(['init', 'a', 'close']);
  });

  it('keeps rows in stores of every kind', () => {
    const counts = keyValueStore('counts', json<number>());
    const windows = windowStore('windows', json<number>());
    const history = versionedStore('history', json<number>(), { retentionMs: 10 });
    const out = forwardedOf(
      (context) => ({
        process: ({ key, timestamp }: KRecord<string, number>) => {
          const n = (context.store(counts).get(key)?.value ?? 0) + 1;
          context.store(counts).put(key, n, timestamp);
          context.store(windows).put(key, timestamp - (timestamp % 10), n, timestamp);
          const kept = context.store(history).put(key, n, timestamp);
          const starts = [...context.store(windows).fetch(key, 0, 100)].map(({ start }) => start);
          const before = context.store(history).getAsOf(key, timestamp - 1)?.value ?? null;
          context.forward({ key, value: { n, starts, kept, before } });
        },
      }),
      [record('a', 0, 5), record('a', 0, 15), record('a', 0, 3)],
      { stores: [counts, windows, history] },
    );
    expect(out).toEqual([
      '"a" {"n":1,"starts":[0],"kept":true,"before":null} @5',
      '"a" {"n":2,"starts":[0,10],"kept":true,"before":1} @15',
      '"a" {"n":3,"starts":[0,10],"kept":false,"before":null} @3',
    ]);
  });

  it('a store it did not name is an error that says so', () => {
    const failures: unknown[] = [];
    marbles(({ cold, flush }) => {
      cold('a', { a: record<string | null, unknown>('a', 1) })
        .pipe(
          process((context: Context) => ({
            process: () => context.store(keyValueStore('other', json())).get('a'),
          })),
        )
        .subscribe({ error: (error: unknown) => failures.push(error) });
      flush();
    });
    expect(failures).toMatchObject([{ code: 'STORE_UNKNOWN' }]);
    expect(String(failures[0])).toContain('stores');
  });

  it('stream-time punctuation: with the first record, missed ones once, till cancelled', () => {
    const out = forwardedOf(
      (context) => {
        let calls = 0;
        const cancel = context.schedule({ time: 'stream', intervalMs: 10 }, (at) => {
          const { recordMetadata } = context;
          context.forward({ key: 's', value: [at, context.streamTime(), recordMetadata] });
          if (++calls === 3) cancel();
        });
        return { process: () => {} };
      },
      [
        record('a', 0, 4),
        record('a', 0, 9),
        record('a', 0, 35),
        record('a', 0, 40),
        record('a', 0, 50),
      ],
    );
    expect(out).toEqual(['"s" [4,4,null] @4', '"s" [35,35,null] @35', '"s" [40,40,null] @40']);
  });

  it('tells where the record in hand is from', () => {
    const out = forwardedOf(
      (context) => ({
        process: ({ key }: KRecord<string, number>) =>
          context.forward({ key, value: context.recordMetadata }),
      }),
      [record('a', 0, 1)],
    );
    expect(out).toEqual(['"a" {"topic":"test","partition":0,"offset":0} @1']);
  });

  it('forwarding later than in hand is an error', () => {
    let late: (() => void) | undefined;
    forwardedOf(
      (context) => ({
        process: () => {
          late = () => context.forward({ key: 'a', value: 1 });
        },
      }),
      [record('a', 0, 1)],
    );
    expect(late).toThrow(/while none was in hand/);
  });
});
