import { describe, expect, it } from '@jest/globals';
import type { Observable } from 'rxjs';
import { hoppingWindows } from '../../lib/model/windows/hoppingWindows.ts';
import { sessionWindows } from '../../lib/model/windows/sessionWindows.ts';
import { tumblingWindows } from '../../lib/model/windows/tumblingWindows.ts';
import { cogroup } from '../../lib/operators/cogroup.ts';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { reduce } from '../../lib/operators/reduce.ts';
import { stream } from '../../lib/operators/stream.ts';
import { windowedBy } from '../../lib/operators/windowedBy.ts';
import { sessionStore, topic, windowStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { number } from '../../lib/serde/number.ts';
import { topologyTest } from '../../lib/testing/topologyTest.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { parse } from './cells.ts';

const x = topic('x', json<number>());
const y = topic('y', json<number>());
const perSession = sessionStore('per-session', number());
const perWindow = windowStore('per-window', json<string>());

/** The rows that `x:a1@5 y:a2@6` leaves, by their starts; at `!` it crashes and starts again. */
async function rowsOf(
  make: () => Observable<unknown>,
  store: typeof perSession | typeof perWindow,
  input: string,
): Promise<string[]> {
  const test = await topologyTest(topology(() => void make()));
  for (const text of input.split(' ')) {
    if (text === '!') {
      await test.commit();
      await test.crash();
      await test.restart();
      continue;
    }
    const [name, one = ''] = text.split(':');
    const { key, value, timestamp } = parse(one);
    await test.write(name === 'x' ? x : y, {
      key: key as string,
      value: value as number,
      timestamp,
    });
  }
  const rows = (await test.rows(store as typeof perSession)) as { key: string; start: number }[];
  await test.close();
  return rows.map(({ key, start }) => `${key}@${start}`);
}

const sessions = (): Observable<unknown> =>
  stream(x).pipe(
    groupByKey(),
    windowedBy(sessionWindows({ gapMs: 0, graceMs: 3 })),
    count(perSession),
  );
const both = (): Observable<unknown> =>
  stream(x).pipe(
    groupByKey(),
    windowedBy(hoppingWindows({ sizeMs: 16, advanceMs: 10, graceMs: 3 })),
    cogroup(
      perWindow,
      () => '',
      (_key, v, all) => `${all}${v}`,
      [stream(y).pipe(groupByKey()), (_key, v, all) => `${all}${v}`],
    ),
  );

describe('rows past their retention', () => {
  it('a session that is past it as it comes does not stay', async () => {
    expect(await rowsOf(sessions, perSession, 'x:a1@218 x:b2@216')).toEqual(['a@218', 'b@216']);
    expect(await rowsOf(sessions, perSession, 'x:a1@218 x:b2@215')).toEqual(['a@218']);
  });

  it('nor does a window of a cogrouped stream that lags behind', async () => {
    // The newest window begins at 70, so those from before 52 are gone.
    expect(await rowsOf(both, perWindow, 'x:k1@71 y:l2@63')).toEqual(['k@60', 'k@70', 'l@60']);
  });

  it('stay so across a restart, also where the newest row was itself deleted', async () => {
    const sums = (): Observable<unknown> =>
      stream(x).pipe(
        groupByKey(),
        windowedBy(sessionWindows({ gapMs: 1, graceMs: 0 })),
        reduce(sessionStore('per-session', json<number | null>()), (_a, b) => b) as never,
      );
    for (const restart of ['', '! ']) {
      expect(await rowsOf(sums, perSession, `x:a~@1 ${restart}x:b1@0`)).toEqual([]);
    }
    const ends = (): Observable<unknown> =>
      stream(x).pipe(
        groupByKey(),
        windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 0 })),
        cogroup(
          perWindow as never,
          () => null,
          (_key, v) => v,
          [stream(y).pipe(groupByKey()), (_key, v) => v],
        ) as never,
      );
    for (const restart of ['', '! ']) {
      expect(await rowsOf(ends, perWindow, `x:a~@25 ${restart}y:b1@3 y:c1@21`)).toEqual(['c@20']);
    }
  });
});
