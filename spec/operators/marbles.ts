import { expect, it } from '@jest/globals';
import type { OperatorFunction } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import type { AnyRecord } from '../../lib/model/record.ts';

/**
 * Runs a picture of an operator outside any topology. Records compare by what a user sees of them.
 */
export function marbles(run: (helpers: RunHelpers) => void): void {
  new TestScheduler((actual, expected) => {
    expect(readable(actual)).toEqual(readable(expected));
  }).run(run);
}

/** `key value @timestamp`, of a change with the row before it, and headers where there are any. */
export function shown(record: AnyRecord): string {
  const { key, value, previous, timestamp, headers } = record;
  const before = previous === undefined ? '' : `${JSON.stringify(previous)} -> `;
  const names = headers.map(([name]) => ` #${name}`).join('');
  return `${JSON.stringify(key)} ${before}${JSON.stringify(value)} @${timestamp}${names}`;
}

interface Message {
  readonly frame: number;
  readonly notification?: { readonly kind: string; readonly value?: AnyRecord };
}

/** Logs of subscriptions have no notification: they stay as they are. */
function readable(messages: unknown): unknown {
  return (messages as Message[]).map((message) => {
    const value = message.notification?.value;
    return value === undefined ? message : { frame: message.frame, value: shown(value) };
  });
}

/** What RxJS promises of every operator; `waits`: another input never completes. */
export function itIsAnOperator<A>(
  make: () => OperatorFunction<A, unknown>,
  one: A,
  waits = false,
): void {
  it('never: stays silent', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold<A>('-').pipe(make())).toBe('-');
    });
  });

  it('empty: completes when all that comes in has', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold<A>('--|').pipe(make())).toBe(waits ? '---' : '--|');
    });
  });

  it('an error upstream goes through', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold<A>('--#', {}, new Error('upstream'));
      expectObservable(source.pipe(make())).toBe('--#', {}, new Error('upstream'));
    });
  });

  it('unsubscribing lets go of the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<A>('-------a', { a: one });
      expectObservable(source.pipe(make()), '--!').toBe('---');
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });
}
