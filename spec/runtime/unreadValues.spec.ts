import { describe, expect, it } from '@jest/globals';
import { map } from 'rxjs';
import {
  count,
  foreach,
  groupByKey,
  int64,
  keyValueStore,
  type Serde,
  sessionStore,
  sessionWindows,
  skip,
  stream,
  topic,
  topology,
  tumblingWindows,
  windowedBy,
  windowStore,
} from 'rxkstreams';
import { topologyTest } from 'rxkstreams/testing';

let decoded = 0;
/** Text that is counted as it is decoded; `!` cannot be. */
const watched: Serde<string> = {
  name: 'watched',
  encode: (text) => new TextEncoder().encode(text),
  decode(bytes) {
    decoded += 1;
    const text = new TextDecoder().decode(bytes);
    if (text === '!') throw new RangeError('not a word');
    return text;
  },
};
const words = topic('words', watched);
const counts = keyValueStore('counts', int64());
const three = ['x', null, 'y'].map((value, timestamp) => ({ key: 'a', value, timestamp }));

async function decodedBy(
  factory: () => void,
  o: Parameters<typeof topologyTest>[1] = {},
): Promise<number> {
  decoded = 0;
  const test = await topologyTest(topology(factory), o);
  await test.write(words, ...three);
  await test.close();
  return decoded;
}

describe('values that nobody looks at', () => {
  it('are not decoded before count, over keys and over windows', async () => {
    const over = {
      keys: () => stream(words).pipe(groupByKey(), count(counts)),
      windows: () =>
        stream(words).pipe(
          groupByKey(),
          windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 0 })),
          count(windowStore('windows', int64())),
        ),
      sessions: () =>
        stream(words).pipe(
          groupByKey(),
          windowedBy(sessionWindows({ gapMs: 10, graceMs: 0 })),
          count(sessionStore('sessions', int64())),
        ),
    };
    const found: number[] = [];
    for (const factory of Object.values(over)) found.push(await decodedBy(factory));
    expect(found).toEqual([0, 0, 0]);
  });

  it('are counted all the same, null values left out', async () => {
    const test = await topologyTest(
      topology(() => {
        stream(words).pipe(groupByKey(), count(counts));
      }),
    );
    await test.write(words, ...three);
    expect(await test.rows(counts)).toMatchObject([{ key: 'a', value: 2 }]);
    await test.close();
  });

  it('are decoded as soon as anybody else is there', async () => {
    const counting = () => stream(words).pipe(groupByKey(), count(counts));
    const ours = (): void => {
      counting();
      stream(words).pipe(foreach(() => {}));
    };
    const foreign = (): void => {
      stream(words).pipe(
        map((record) => record),
        groupByKey(),
        count(counts),
      );
    };
    const late = (): void => {
      stream(words).pipe(
        groupByKey(),
        windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 0 }), { late: foreach(() => {}) }),
        count(windowStore('windows', int64())),
      );
    };
    const timed = (): void => {
      stream(words, { timestampOf: ({ record }) => record.timestamp }).pipe(
        groupByKey(),
        count(counts),
      );
    };
    const found: number[] = [];
    for (const factory of [ours, foreign, late, timed]) found.push(await decodedBy(factory));
    expect(found).toEqual([2, 2, 2, 2]);
  });

  it('are decoded where those that cannot be are to be left out', async () => {
    const test = await topologyTest(
      topology(() => {
        stream(words).pipe(groupByKey(), count(counts));
      }),
      { errors: { undecodable: skip } },
    );
    await test.write(words, ...['x', '!', 'y'].map((value) => ({ key: 'a', value, timestamp: 0 })));
    expect(await test.rows(counts)).toMatchObject([{ key: 'a', value: 2 }]);
    expect(test.run.app?.metrics().recordsDropped).toEqual({ undecodable: 1 });
    await test.close();
  });
});
