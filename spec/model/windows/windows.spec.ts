import { describe, expect, it } from '@jest/globals';
import { hoppingWindows } from '../../../lib/model/windows/hoppingWindows.ts';
import { sessionWindows } from '../../../lib/model/windows/sessionWindows.ts';
import { slidingWindows } from '../../../lib/model/windows/slidingWindows.ts';
import {
  closesAt,
  endOfTime,
  lateFrom,
  leastRetentionMs,
  type Windows,
} from '../../../lib/model/windows/TimeWindows.ts';
import { tumblingWindows } from '../../../lib/model/windows/tumblingWindows.ts';
import { unlimitedWindows } from '../../../lib/model/windows/unlimitedWindows.ts';

// biome-ignore format: a table
const table: readonly [string, Windows, number, number, number, number][] = [
  // windows, end, closes, late, retention
  ['tumbling',  tumblingWindows({ sizeMs: 10, graceMs: 5 }),               10,  15,     15,   15],
  ['hopping',   hoppingWindows({ sizeMs: 10, advanceMs: 3, graceMs: 5 }),  10,  15,     15,   15],
  ['sliding',   slidingWindows({ timeDifferenceMs: 10, graceMs: 5 }),      10,  15,     16,   25],
  ['sessions',  sessionWindows({ gapMs: 10, graceMs: 5 }),                 10,  25,     26,   15],
  ['unlimited', unlimitedWindows({ startMs: 3 }), endOfTime, endOfTime, endOfTime, Infinity],
];

describe.each(table)('%s', (_name, windows, end, closes, late, retention) => {
  it('counts as closed for those behind', () => expect(closesAt(windows, end)).toBe(closes));
  it('takes no more records', () => expect(lateFrom(windows, end)).toBe(late));
  it('keeps its rows at least', () => expect(leastRetentionMs(windows)).toBe(retention));
});

describe('what is refused', () => {
  const refused: readonly [string, () => unknown, RegExp][] = [
    ['an empty window', () => tumblingWindows({ sizeMs: 0, graceMs: 0 }), /sizeMs is 0.*1 or more/],
    ['a negative grace', () => tumblingWindows({ sizeMs: 1, graceMs: -1 }), /graceMs is -1/],
    [
      'gaps between windows',
      () => hoppingWindows({ sizeMs: 5, advanceMs: 6, graceMs: 0 }),
      /in no window/,
    ],
    ['no advance', () => hoppingWindows({ sizeMs: 5, advanceMs: 0, graceMs: 0 }), /advanceMs is 0/],
    ['half a gap', () => sessionWindows({ gapMs: 0.5, graceMs: 0 }), /gapMs is 0.5/],
    [
      'a negative difference',
      () => slidingWindows({ timeDifferenceMs: -1, graceMs: 0 }),
      /timeDifferenceMs is -1/,
    ],
    ['no number', () => unlimitedWindows({ startMs: Number.NaN }), /startMs is NaN/],
  ];
  it.each(refused)('%s', (_what, make, message) => expect(make).toThrow(message));
});
