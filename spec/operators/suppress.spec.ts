import { describe, expect, it } from '@jest/globals';
import { pipe } from 'rxjs';
import type { Windowed } from '../../lib/model/Windowed.ts';
import { sessionWindows } from '../../lib/model/windows/sessionWindows.ts';
import { tumblingWindows } from '../../lib/model/windows/tumblingWindows.ts';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { stream } from '../../lib/operators/stream.ts';
import { suppress } from '../../lib/operators/suppress.ts';
import { toTable } from '../../lib/operators/toTable.ts';
import { untilTimeLimit } from '../../lib/operators/untilTimeLimit.ts';
import { untilWindowCloses } from '../../lib/operators/untilWindowCloses.ts';
import { windowedBy } from '../../lib/operators/windowedBy.ts';
import { keyValueStore, sessionStore, topic, windowStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { number } from '../../lib/serde/number.ts';
import { change } from '../../lib/testing/record.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

const group = groupByKey<string, number>;
const counts = windowStore('counts', number());
const rows = keyValueStore('rows', json<number>());
const tens = (graceMs: number, o = {}): unknown =>
  pipe(
    group(),
    windowedBy(tumblingWindows({ sizeMs: 10, graceMs })),
    count(counts),
    suppress(untilWindowCloses(o)),
  );
const limited = (o: Parameters<typeof untilTimeLimit>[0]): unknown =>
  pipe(toTable(rows), suppress(untilTimeLimit(o)));

describe('suppress until windows close', () => {
  itIsAnOperator(
    () => suppress<string, number>(untilTimeLimit({ limitMs: 1 })),
    change('a', 1, null),
  );
  itServesTwo(() => tens(0), 'a1@0  a1@5  b1@10');

  // biome-ignore format: a picture
  it('one result for each window, at end + grace exactly, by (window end, key)', () => {
    cells(tens(5), 'c1@1  a1@9  d1@12  d1@14  b1@15                  z1@30', 
                   '-     -     -      -      a[0,10]1@9 c[0,10]1@1  b[10,20]1@15 d[10,20]2@14');
  });

  // biome-ignore format: a picture
  it('the result is new to those behind: no row before it', () => {
    cells(tens(0), 'a1@1  a1@2  b1@10', 
                   '-     -     a[0,10]~→2@2', { previous: true });
  });

  // biome-ignore format: a picture
  it('sessions: deletions of merged ones are not emitted, final ones are', () => {
    const sessions = sessionWindows({ gapMs: 10, graceMs: 5 });
    const counted = count(sessionStore('s', number()));
    const closed = pipe(group(), windowedBy(sessions), counted, suppress(untilWindowCloses()));
    cells(closed, 'a1@0  a1@8  a1@24      a1@14  a1@45', 
                  '-     -     a[0,8]2@8  -      a[14,24]2@24');
  });

  it('over its bound a record fails, as nothing can come out early', () => {
    cells(tens(0, { maxRecords: 2 }), 'a1@1  b1@2  c1@3', '-  -  #');
    cells(tens(0, { maxBytes: 10 }), 'a1@1', '#');
  });

  it('a key no window made is an error that says where suppress belongs', () => {
    marbles(({ cold, expectObservable }) => {
      const key: Windowed<string> = { key: 'a', start: 0, end: 10 };
      const source = cold('a', { a: change(key, 1, null) });
      const held = source.pipe(suppress(untilWindowCloses()));
      const message = /nobody knows when its window closes/;
      expectObservable(held).toBe(
        '#',
        {},
        expect.objectContaining({ message: expect.stringMatching(message) }),
      );
    });
  });
});

describe('suppress until a time limit', () => {
  // biome-ignore format: a picture
  it('from the time of the first change; later ones take its place', () => {
    cells(limited({ limitMs: 10 }), 'a1@0  a2@5  b1@9  a3@10  c1@15  c2@30        b2@12  d1@99', 
                                    '-     -     -     a3@10  -      b1@9 c2@30   b2@12  -');
  });

  // biome-ignore format: a picture
  it('deletions wait like any change; the row before is that of the last change', () => {
    cells(
      limited({ limitMs: 10 }), 
      'a1@0  a2@5  x1@20   a3@21  a~@22  x2@40', 
      '-     -     a1→2@5  -      -      x1→2@40 a3→~@22', 
      { previous: true },
    );
  });

  it('a limit of 0 lets all through at once', () => {
    cells(limited({ limitMs: 0 }), 'a1@5  a2@3  a~@6', 'a1@5  a2@3  a~@6');
  });

  // biome-ignore format: a picture
  it('over its bound the oldest come out early, or the record fails', () => {
    cells(limited({ limitMs: 99, maxRecords: 2 }), 'a1@2  b1@1  c1@3  b2@4', 
                                                   '-     -     b1@1  a1@2');
    cells(limited({ limitMs: 99, maxRecords: 1, whenFull: 'fail' }), 'a1@1  a2@2  b1@3', 
                                                                     '-     -     #');
  });
});

describe('suppress in a topology', () => {
  it('its buffer is named after the store before it, or by the user', () => {
    const held = topology(() => {
      const counted = stream(topic('in', number())).pipe(
        groupByKey(),
        windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 0 })),
        count(counts),
      );
      counted.pipe(suppress(untilWindowCloses()));
    });
    expect(held.describe()).toContain('counts-suppress');
  });
});
