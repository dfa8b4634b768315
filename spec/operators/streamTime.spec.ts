import { describe, expect, it } from '@jest/globals';
import { debounceTime, type MonoTypeOperatorFunction, throttleTime } from 'rxjs';
import type { KRecord } from '../../lib/model/record.ts';
import { stream } from '../../lib/operators/stream.ts';
import { streamTime } from '../../lib/operators/streamTime.ts';
import { to } from '../../lib/operators/to.ts';
import { topic } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { topologyTest } from '../../lib/testing/topologyTest.ts';
import { topology } from '../../lib/topology/Topology.ts';

const ticks = topic('ticks', number());
const calm = topic('calm', number());

/** What comes out of a topology with this one operator, when these times come in. */
async function run(
  make: () => MonoTypeOperatorFunction<KRecord<string, number>>,
  times: readonly number[],
): Promise<number[]> {
  const test = await topologyTest(
    topology(() => {
      stream(ticks).pipe(make(), to(calm));
    }),
  );
  for (const at of times) await test.write(ticks, { key: 'a', value: at, timestamp: at });
  const values = test.read(calm).map(({ value }) => value as number);
  await test.close();
  return values;
}

describe('streamTime', () => {
  it('debounceTime: what was due before a record is out before it comes', async () => {
    const debounced = () => debounceTime<KRecord<string, number>>(10, streamTime());
    expect(await run(debounced, [1000, 1003, 1005, 1020, 1030, 1041])).toEqual([1005, 1030]);
  });

  it('throttleTime: counts from the first record, not from 1970; never goes back', async () => {
    const throttled = () => throttleTime<KRecord<string, number>>(10, streamTime());
    const times = [1_700_000_000_000, 1_700_000_000_005, 3, 1_700_000_000_011];
    expect(await run(throttled, times)).toEqual([1_700_000_000_000, 1_700_000_000_011]);
  });

  it('outside a topology no stream has a time', () => {
    expect(() => streamTime()).toThrow(/outside a topology/);
  });
});
