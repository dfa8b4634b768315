import { describe, expect, it } from '@jest/globals';
import { pipe, Subject } from 'rxjs';
import type { AnyRecord, KRecord } from '../../lib/model/record.ts';
import { tumblingWindows } from '../../lib/model/windows/tumblingWindows.ts';
import { cogroup } from '../../lib/operators/cogroup.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { windowedBy } from '../../lib/operators/windowedBy.ts';
import { keyValueStore, windowStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { record } from '../../lib/testing/record.ts';
import { parse, token } from './cells.ts';
import { itIsAnOperator } from './marbles.ts';

type Numbers = KRecord<string, number>;
const texts = keyValueStore('texts', json<string>());
const tag =
  (name: string) =>
  (_key: string, value: number, text: string): string =>
    text + name + value;
const tens = tumblingWindows({ sizeMs: 10, graceMs: 0 });

const alone = () =>
  pipe(
    groupByKey<string, number>(),
    cogroup(texts, () => '', tag('x')),
  );

/** Two inputs; each record says by which it comes: `x:a1@1`. */
function run(make: (x: Subject<Numbers>, y: Subject<Numbers>) => unknown, input: string): string[] {
  const x = new Subject<Numbers>();
  const y = new Subject<Numbers>();
  const seen: string[] = [];
  (make(x, y) as Subject<AnyRecord>).subscribe((result) => seen.push(token(result)));
  for (const text of input.split(/\s+/)) {
    const [name, one = ''] = text.split(':');
    (name === 'x' ? x : y).next(parse(one) as unknown as Numbers);
  }
  return seen;
}

describe('cogroup', () => {
  itIsAnOperator(alone, record('a', 1));

  it('two streams change one row; a row has the highest timestamp of both', () => {
    const both = (x: Subject<Numbers>, y: Subject<Numbers>): unknown =>
      x.pipe(
        groupByKey(),
        cogroup(texts, () => '', tag('x'), [y.pipe(groupByKey()), tag('y')]),
      );
    expect(run(both, 'x:a1@5 y:a2@3 y:b3@1 x:a4@9 x:_5@9')).toEqual([
      'a"x1"@5',
      'a"x1y2"@5',
      'b"y3"@1',
      'a"x1y2x4"@9',
    ]);
  });

  it('windows hold for all; each stream has a time of its own', () => {
    const perWindow = windowStore('per-window', json<string>());
    const both = (x: Subject<Numbers>, y: Subject<Numbers>): unknown =>
      x.pipe(
        groupByKey(),
        windowedBy(tens),
        cogroup(perWindow, () => '', tag('x'), [y.pipe(groupByKey()), tag('y')]),
      );
    expect(run(both, 'x:a1@1 x:a2@12 x:a3@2 y:a4@3')).toEqual([
      'a[0,10]"x1"@1',
      'a[10,20]"x2"@12',
      // Late by x, but not by y; yet the row is past its retention, so it begins again.
      'a[0,10]"y4"@3',
    ]);
  });

  it('other windows for one of them are refused', () => {
    const perWindow = windowStore('per-window', json<string>());
    const twenties = tumblingWindows({ sizeMs: 20, graceMs: 0 });
    const both = (x: Subject<Numbers>, y: Subject<Numbers>): unknown => {
      const other = y.pipe(groupByKey(), windowedBy(twenties));
      return x.pipe(
        groupByKey(),
        windowedBy(tens),
        cogroup(perWindow, () => '', tag('x'), [other, tag('y')]),
      );
    };
    expect(() => run(both, 'x:a1@1')).toThrow(/share one definition/);
  });
});
