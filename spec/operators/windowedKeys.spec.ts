import { describe, expect, it } from '@jest/globals';
import { tumblingWindows } from '../../lib/model/windows/tumblingWindows.ts';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { join } from '../../lib/operators/join.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import { windowedBy } from '../../lib/operators/windowedBy.ts';
import { topic, windowStore } from '../../lib/serde/handles.ts';
import { int64 } from '../../lib/serde/number.ts';
import { string } from '../../lib/serde/string.ts';
import { windowed } from '../../lib/serde/windowed.ts';
import { topologyTest } from '../../lib/testing/topologyTest.ts';
import { topology } from '../../lib/topology/Topology.ts';

const clicks = topic('clicks', string());
const views = topic('views', string());
const minutes = windowed(string());
const rates = topic('rates', minutes, string());
const perMinute = tumblingWindows({ sizeMs: 60, graceMs: 0 });

const at = (key: string, timestamp: number) => ({ key, value: '', timestamp });
const shown = (test: Awaited<ReturnType<typeof topologyTest>>): string[] =>
  test.read(rates).map(({ key, value, timestamp }) => {
    return `${key?.key}[${key?.start},${key?.end})=${value}@${timestamp}`;
  });

describe('joins on windowed keys', () => {
  it('two windowed tables meet window by window, also after a crash', async () => {
    const test = await topologyTest(
      topology(() => {
        const viewed = stream(views).pipe(
          groupByKey(),
          windowedBy(perMinute),
          count(windowStore('views-per-minute', int64())),
        );
        stream(clicks).pipe(
          groupByKey(),
          windowedBy(perMinute),
          count(windowStore('clicks-per-minute', int64())),
          join(viewed, (clicked, seen) => `${clicked}/${seen}`),
          toStream(),
          to(rates),
        );
      }),
    );
    await test.write(views, at('a', 1), at('a', 2), at('b', 3));
    await test.write(clicks, at('a', 5), at('a', 65));
    await test.commit();
    await test.crash();
    await test.restart();
    await test.write(views, at('a', 66));
    expect(shown(test)).toEqual(['a[0,60)=1/2@5', 'a[60,120)=1/1@66']);
    await test.close();
  });

  it('streams of windowed keys meet within a window of their own', async () => {
    const test = await topologyTest(
      topology(() => {
        const viewed = stream(views).pipe(
          groupByKey(),
          windowedBy(perMinute),
          count(windowStore('views-per-minute', int64())),
          toStream(),
        );
        stream(clicks).pipe(
          groupByKey(),
          windowedBy(perMinute),
          count(windowStore('clicks-per-minute', int64())),
          toStream(),
          join(
            viewed,
            { name: 'rates', beforeMs: 10, afterMs: 10, graceMs: 0, key: minutes },
            (clicked, seen) => `${clicked}/${seen}`,
          ),
          to(rates),
        );
      }),
    );
    await test.write(views, at('a', 1), at('a', 20));
    await test.commit();
    await test.crash();
    await test.restart();
    await test.write(clicks, at('a', 5), at('a', 62));
    expect(shown(test)).toEqual(['a[0,60)=1/1@5']);
    await test.close();
  });
});
