import { describe, expect, it } from '@jest/globals';
import { NEVER, pipe, Subject, tap } from 'rxjs';
import type { AnyRecord } from '../../lib/model/record.ts';
import { hoppingWindows } from '../../lib/model/windows/hoppingWindows.ts';
import { sessionWindows } from '../../lib/model/windows/sessionWindows.ts';
import { slidingWindows } from '../../lib/model/windows/slidingWindows.ts';
import type { SessionWindows, TimeWindows } from '../../lib/model/windows/TimeWindows.ts';
import { tumblingWindows } from '../../lib/model/windows/tumblingWindows.ts';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { type WindowedByOptions, windowedBy } from '../../lib/operators/windowedBy.ts';
import { sessionStore, topic, windowStore } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { record } from '../../lib/testing/record.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { cells, parse, token } from './cells.ts';
import { itIsAnOperator } from './marbles.ts';

const tens = tumblingWindows({ sizeMs: 10, graceMs: 0 });
const group = groupByKey<string, number>;
const counts = windowStore('counts', number());
const sessionCounts = sessionStore('session-counts', number());

const closing = (windows: TimeWindows): unknown =>
  pipe(group(), windowedBy(windows, { emit: 'on close' }), count(counts));
const closingSessions = (windows: SessionWindows): unknown =>
  pipe(group(), windowedBy(windows, { emit: 'on close' }), count(sessionCounts));

/** Runs a picture, and answers what came out aside. */
function lateOf(windows: TimeWindows, input: string, expected: string): string[] {
  const aside: string[] = [];
  const late = tap((one: unknown) => aside.push(token(one as AnyRecord)));
  cells(
    pipe(group(), windowedBy(windows, { late: late as never }), count(counts)),
    input,
    expected,
  );
  return aside;
}

describe('windowedBy', () => {
  itIsAnOperator(() => pipe(group(), windowedBy(tens)), record('a', 1));

  it('needs a grouping, and is said once', () => {
    expect(() => cells(windowedBy(tens), 'a1@1', '-')).toThrow(/not grouped/);
    const twice = pipe(group(), windowedBy(tens), windowedBy(tens) as never);
    expect(() => cells(twice, 'a1@1', '-')).toThrow(/windowed already/);
  });
});

describe('late records', () => {
  // biome-ignore format: a picture
  it('go aside when all their windows have closed, at the very instant of end + grace', () => {
    const aside = lateOf(tumblingWindows({ sizeMs: 10, graceMs: 5 }), 
      'a1@1        b1@14         a1@9        b1@15         a1@9  a1@0', 
      'a[0,10]1@1  b[10,20]1@14  a[0,10]2@9  b[10,20]2@15  -     -');
    expect(aside).toEqual(['a1@9', 'a1@0']);
  });

  // biome-ignore format: a picture
  it('hopping: a record that is late for some of its windows counts in the others', () => {
    const aside = lateOf(hoppingWindows({ sizeMs: 10, advanceMs: 5, graceMs: 0 }), 
      'b1@12                     a1@7        a1@1', 
      'b[5,15]1@12 b[10,20]1@12  a[5,15]1@7  -');
    expect(aside).toEqual(['a1@1']);
  });

  it('have a sink of their own in a topology, which registers by itself', () => {
    const counted = topology(() => {
      stream(topic('in', number())).pipe(
        groupByKey(),
        windowedBy(tens, { late: to(topic('in-late', number())) }),
        count(counts),
      );
    });
    expect(counted.describe()).toContain('(topic: in-late)');
  });
});

describe('emit: on close', () => {
  // biome-ignore format: a picture
  it('each window once, in order of (start, key), when stream time passes end + grace', () => {
    cells(closing(tumblingWindows({ sizeMs: 10, graceMs: 2 })), 
      'b1@1  a1@2  a1@9  a1@11  c1@12                  a1@3  a1@22', 
      '-     -     -     -      a[0,10]2@9 b[0,10]1@1  -     a[10,20]1@11 c[10,20]1@12');
  });

  // biome-ignore format: a picture
  it('what closed unseen while stream time jumped comes out too', () => {
    cells(closing(hoppingWindows({ sizeMs: 10, advanceMs: 5, graceMs: 0 })), 
      'a1@7  a1@1000', 
      '-     a[0,10]1@7 a[5,15]1@7');
  });

  // biome-ignore format: a picture
  it('sliding windows and sessions close after their end, as it belongs to them', () => {
    cells(closing(slidingWindows({ timeDifferenceMs: 10, graceMs: 0 })), 
      'a1@20  a1@20  a1@21', 
      '-      -      a[10,20]2@20');
    cells(closingSessions(sessionWindows({ gapMs: 10, graceMs: 0 })), 
      'a1@0  a1@5  b1@15  b1@16', 
      '-     -     -      a[0,5]2@5');
  });
});

describe('emitIntervalMs', () => {
  it('is for emit: on close, in whole milliseconds', () => {
    const made = (o: WindowedByOptions<string, number>): unknown =>
      group()(NEVER).pipe(windowedBy(tens, o));
    expect(() => made({ emitIntervalMs: 1000 })).toThrow(/is for emit: 'on close'.*'on update'/);
    expect(() => made({ emit: 'on close', emitIntervalMs: -1 })).toThrow(/emitIntervalMs is -1/);
  });
});

describe('emit: on commit', () => {
  it('the last change of each key, in the order in which they first changed', () => {
    const grouped = pipe(group(), windowedBy(tens, { emit: 'on commit' }), count(counts));
    const source = new Subject<AnyRecord>();
    const seen: string[] = [];
    (grouped as never as (source: unknown) => Subject<AnyRecord>)(source).subscribe((result) =>
      seen.push(token(result, { previous: true })),
    );
    for (const text of ['b1@1', 'a1@2', 'b1@3', 'a1@12']) source.next(parse(text));
    expect(seen).toEqual([]);
    // Outside a topology the end is the nearest there is to a commit.
    source.complete();
    expect(seen).toEqual(['b[0,10]~→2@3', 'a[0,10]~→1@2', 'a[10,20]~→1@12']);
  });
});
