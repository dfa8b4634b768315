import { describe, expect, it } from '@jest/globals';
import type { Observable } from 'rxjs';
import { skip } from '../../lib/model/ErrorPolicy.ts';
import type { KStream } from '../../lib/model/record.ts';
import { sessionWindows } from '../../lib/model/windows/sessionWindows.ts';
import { tumblingWindows } from '../../lib/model/windows/tumblingWindows.ts';
import { bufferByKey } from '../../lib/operators/bufferByKey.ts';
import { count } from '../../lib/operators/count.ts';
import { debounceByKey } from '../../lib/operators/debounceByKey.ts';
import { distinctByKey } from '../../lib/operators/distinctByKey.ts';
import { foreach } from '../../lib/operators/foreach.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { mapValuesAsync } from '../../lib/operators/mapValuesAsync.ts';
import { pairwiseByKey } from '../../lib/operators/pairwiseByKey.ts';
import { scanByKey } from '../../lib/operators/scanByKey.ts';
import { stream } from '../../lib/operators/stream.ts';
import { suppress } from '../../lib/operators/suppress.ts';
import { throttleByKey } from '../../lib/operators/throttleByKey.ts';
import { to } from '../../lib/operators/to.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import { toTable } from '../../lib/operators/toTable.ts';
import { untilTimeLimit } from '../../lib/operators/untilTimeLimit.ts';
import { untilWindowCloses } from '../../lib/operators/untilWindowCloses.ts';
import { windowedBy } from '../../lib/operators/windowedBy.ts';
import { keyValueStore, sessionStore, topic, windowStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { number } from '../../lib/serde/number.ts';
import { string } from '../../lib/serde/string.ts';
import { windowed } from '../../lib/serde/windowed.ts';
import { topologyTest } from '../../lib/testing/topologyTest.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { parse, token } from './cells.ts';

const numbers = topic('numbers', json<number>());
const out = topic('out', json<unknown>());
const windowedOut = topic('windowed-out', windowed(string()), json<unknown>());
const tens = tumblingWindows({ sizeMs: 10, graceMs: 0 });
const store = keyValueStore('state', json<number>());
const lists = keyValueStore('state', json<readonly number[]>());
const counts = windowStore('state', number());

type Pipeline = (source: KStream<string, number>) => Observable<unknown>;
const plain =
  (piece: (source: KStream<string, number>) => Observable<never>): Pipeline =>
  (source) =>
    (piece(source) as unknown as KStream<string, unknown>).pipe(to(out));

const pipelines: Record<string, Pipeline> = {
  scanByKey: plain(
    (s) =>
      s.pipe(
        scanByKey(
          store,
          (sum, v) => sum + v,
          () => 0,
        ),
      ) as never,
  ),
  'scanByKey, time to live': plain(
    (s) =>
      s.pipe(
        scanByKey(
          keyValueStore('state', json<number>(), { ttlMs: 10 }),
          (sum, v) => sum + v,
          () => 0,
        ),
      ) as never,
  ),
  pairwiseByKey: plain((s) => s.pipe(pairwiseByKey(store)) as never),
  distinctByKey: plain(
    (s) => s.pipe(distinctByKey(keyValueStore('state', string()), { ttlMs: 10 })) as never,
  ),
  debounceByKey: plain((s) => s.pipe(debounceByKey(store, 5)) as never),
  throttleByKey: plain((s) => s.pipe(throttleByKey(store, 5, { trailing: true })) as never),
  bufferByKey: plain((s) => s.pipe(bufferByKey(lists, { count: 3, spanMs: 8 })) as never),
  mapValuesAsync: plain(
    (s) =>
      s.pipe(
        mapValuesAsync(async (v) => v * 2, { concurrency: 4, order: 'key', timeoutMs: 1000 }),
      ) as never,
  ),
  'suppress, time limit': plain(
    (s) => s.pipe(toTable(store), suppress(untilTimeLimit({ limitMs: 5 })), toStream()) as never,
  ),
  'suppress, close': (s) =>
    s.pipe(
      groupByKey(),
      windowedBy(tens),
      count(counts),
      suppress(untilWindowCloses()),
      toStream(),
      to(windowedOut),
    ),
  'count, on close': (s) =>
    s.pipe(
      groupByKey(),
      windowedBy(tens, { emit: 'on close' }),
      count(counts),
      toStream(),
      to(windowedOut),
    ),
  'count, sessions': (s) =>
    s.pipe(
      groupByKey(),
      windowedBy(sessionWindows({ gapMs: 4, graceMs: 3 })),
      count(sessionStore('state', number())),
      toStream(),
      to(windowedOut),
    ),
};

const input =
  'a1@0 b1@1 a2@3 a1@4 a3@9 b2@8 a1@2 b1@12 a4@13 a4@14 b5@11 a2@21 b2@22 a9@40 b9@41 a1@70';

/** A record whose turn fails, after all else in it has been done. */
const poison = 666;

/** What comes out; crashed and started again after every record, where told. */
async function run(pipeline: Pipeline, crashes: boolean, records = input): Promise<string[]> {
  const failing = topology(() => {
    const source = stream(numbers);
    pipeline(source);
    source.pipe(
      foreach(({ value }) => {
        if (value === poison) throw new Error('poison');
      }),
    );
  });
  const test = await topologyTest(failing, { errors: { processing: skip } });
  for (const text of records.split(' ')) {
    const { key, value, timestamp } = parse(text) as never as {
      key: string;
      value: number;
      timestamp: number;
    };
    await test.write(numbers, { key, value, timestamp });
    await test.commit();
    if (crashes) {
      await test.crash();
      await test.restart();
    }
  }
  const isWindowed = test.run.kafka.topics().includes(windowedOut.topic);
  const results = isWindowed ? test.read(windowedOut) : test.read(out);
  await test.close();
  return results.map((result) => token(result as never));
}

describe('a crash and a restart after every record', () => {
  it.each(Object.entries(pipelines))('%s: the same results', async (_name, pipeline) => {
    const results = await run(pipeline, false);
    expect(results.length).toBeGreaterThan(3);
    expect(await run(pipeline, true)).toEqual(results);
  });
});

describe('a record that fails beside it, skipped', () => {
  const spoiled = input.replaceAll(/ (\w)\d+@(\d+)/g, (text, key, at) => {
    const [before, after] = [Number(at), Number(at) + 7];
    return ` ${key}${poison}@${before} b${poison}@${after}${text}`;
  });

  it.each(Object.entries(pipelines))('%s: it was never there', async (_name, pipeline) => {
    const results = await run(pipeline, false);
    expect(await run(pipeline, false, spoiled)).toEqual(results);
  });
});
