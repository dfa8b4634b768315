import { describe, expect, it } from '@jest/globals';
import { pipe, Subject } from 'rxjs';
import type { AnyRecord } from '../../lib/model/record.ts';
import { sessionWindows } from '../../lib/model/windows/sessionWindows.ts';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { windowedBy } from '../../lib/operators/windowedBy.ts';
import { sessionStore } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { record } from '../../lib/testing/record.ts';
import { cells } from './cells.ts';
import { shown } from './marbles.ts';

type Emit = 'on update' | 'on commit' | 'on close';

const counted = (emit: Emit): unknown =>
  pipe(
    groupByKey<string, number>(),
    windowedBy(sessionWindows({ gapMs: 10, graceMs: 0 }), { emit }),
    count(sessionStore('per-session', number())),
  );

/** What comes out of records with a header, of these times, and of the commit behind them. */
function withHeaders(emit: Emit, ...times: readonly number[]): string[] {
  const source = new Subject<AnyRecord>();
  const results: string[] = [];
  const out = (counted(emit) as (source: unknown) => Subject<AnyRecord>)(source);
  out.subscribe(({ value, ...rest }) => {
    const { start, end } = rest.key as { start: number; end: number };
    results.push(shown({ ...rest, key: `${start}-${end}`, value } as AnyRecord));
  });
  for (const timestamp of times) {
    const headers = [['h', new Uint8Array(1)]] as const;
    source.next(record('a', 1, { timestamp, headers }) as unknown as AnyRecord);
  }
  source.complete();
  return results;
}

describe('sessions, as in Kafka Streams', () => {
  // biome-ignore format: a picture
  it('of one instant still: put again as if nothing was there', () => {
    cells(counted('on update'), 
      'a1@5         a1@5         a1@7', 
      'a[5,5]~→1@5  a[5,5]~→2@5  a[5,5]2→~@5 a[5,7]~→3@7', { previous: true });
  });

  it('results of each update carry no headers; at the close those of who closed it', () => {
    expect(withHeaders('on update', 5, 7)).toEqual([
      '"5-5" null -> 1 @5',
      '"5-5" 1 -> null @5',
      '"5-7" null -> 2 @7',
    ]);
    expect(withHeaders('on close', 5, 7, 30)).toEqual(['"5-7" null -> 2 @7 #h']);
  });

  it('on commit they have headers, and a deletion the time of its session', () => {
    // The session that came and went since the last commit was never there.
    expect(withHeaders('on commit', 5, 5, 7)).toEqual(['"5-7" null -> 3 @7 #h']);
    expect(withHeaders('on commit', 5, 5)).toEqual(['"5-5" null -> 2 @5 #h']);
  });
});
