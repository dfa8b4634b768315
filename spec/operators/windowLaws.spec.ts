import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { type Observable, type OperatorFunction, pipe, Subject } from 'rxjs';
import type { Change, KRecord } from '../../lib/model/record.ts';
import type { Windowed } from '../../lib/model/Windowed.ts';
import { hoppingWindows } from '../../lib/model/windows/hoppingWindows.ts';
import { sessionWindows } from '../../lib/model/windows/sessionWindows.ts';
import { slidingWindows } from '../../lib/model/windows/slidingWindows.ts';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { windowedBy } from '../../lib/operators/windowedBy.ts';
import { sessionStore, windowStore } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { record } from '../../lib/testing/record.ts';

type Counting = OperatorFunction<
  KRecord<string, number>,
  Change<Windowed<string>, number> | Change<Windowed<string>, number | null>
>;
type Counts = Record<string, number>;

// Nothing is late, so the order of arrival must not matter: what is left equals a plain loop.
const graceMs = 1_000_000;
const group = groupByKey<string, number>;
const counts = windowStore('counts', number());
const sessionCounts = sessionStore('session-counts', number());

/** The table after all records: the last result of each window. */
function countsOf(operator: Counting, times: readonly number[]): Counts {
  const source = new Subject<KRecord<string, number>>();
  const table: Counts = {};
  (source.pipe(operator) as Observable<Change<Windowed<string>, number | null>>).subscribe(
    ({ key: { start, end }, value }) => {
      if (value === null) delete table[`${start}-${end}`];
      else table[`${start}-${end}`] = value;
    },
  );
  for (const time of times) source.next(record('a', 1, time));
  return table;
}

const within = (times: readonly number[], from: number, to: number): number =>
  times.filter((time) => time >= from && time <= to).length;

function holds(
  times: fc.Arbitrary<readonly number[]>,
  operator: () => Counting,
  model: (times: readonly number[]) => Counts,
): void {
  fc.assert(
    fc.property(times, (all) => {
      const [actual, expected] = [countsOf(operator(), all), model(all)];
      const sorted = (one: Counts): string => JSON.stringify(Object.entries(one).sort());
      return sorted(actual) === sorted(expected);
    }),
    { numRuns: 300 },
  );
}

const timesFrom = (min: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max: min + 60 }), { maxLength: 25 });

describe('in whatever order records arrive', () => {
  it('hopping windows count what lies in them', () => {
    const windows = hoppingWindows({ sizeMs: 10, advanceMs: 4, graceMs });
    holds(
      timesFrom(0),
      () => pipe(group(), windowedBy(windows), count(counts)),
      (times) => {
        const table: Counts = {};
        for (let start = 0; start < 100; start += 4) {
          const inside = within(times, start, start + 9);
          if (inside > 0) table[`${start}-${start + 10}`] = inside;
        }
        return table;
      },
    );
  });

  it('sliding windows: one that ends with each record, one that begins after it', () => {
    const windows = slidingWindows({ timeDifferenceMs: 10, graceMs });
    holds(
      timesFrom(10),
      () => pipe(group(), windowedBy(windows), count(counts)),
      (times) => {
        const table: Counts = {};
        for (const time of times) {
          table[`${time - 10}-${time}`] = within(times, time - 10, time);
          const after = within(times, time + 1, time + 11);
          if (after > 0) table[`${time + 1}-${time + 11}`] = after;
        }
        return table;
      },
    );
  });

  it('sessions: what follows within the gap belongs together', () => {
    const windows = sessionWindows({ gapMs: 3, graceMs });
    holds(
      timesFrom(0),
      () => pipe(group(), windowedBy(windows), count(sessionCounts)),
      (times) => {
        const table: Counts = {};
        const sorted = [...times].sort((a, b) => a - b);
        let start = 0;
        sorted.forEach((time, i) => {
          if (i === 0 || time - (sorted[i - 1] as number) > 3) start = time;
          const next = sorted[i + 1];
          if (next !== undefined && next - time <= 3) return;
          table[`${start}-${time}`] = within(times, start, time);
        });
        return table;
      },
    );
  });
});
