import { describe, expect, it } from '@jest/globals';
import {
  filter,
  from,
  map,
  merge,
  mergeMap,
  partition,
  scan,
  share,
  tap,
  withLatestFrom,
} from 'rxjs';
import {
  aggregate,
  count,
  groupByKey,
  int64,
  json,
  keyValueStore,
  mapValues,
  stream,
  string,
  to,
  topic,
  topology,
  toStream,
} from 'rxkstreams';
import { type TopologyTest, topologyTest } from 'rxkstreams/testing';

// RxJS's own operators between ours. With two partitions one process runs two tasks.

const words = topic('words', string());
const rates = topic('rates', json<number>());
const lines = topic('lines', string());
const copies = topic('copies', string());

/** What came out, key by key: `a:1 a:3 | b:2`. */
function told(test: TopologyTest, from = lines): string {
  const keys = new Map<string, string>();
  for (const { key, value } of test.read(from)) {
    const before = keys.get(String(key));
    keys.set(String(key), `${before === undefined ? '' : `${before} `}${key}:${value}`);
  }
  return [...keys.values()].join(' | ');
}

/** `a:x` into one partition, at the times given by their order. */
async function say(test: TopologyTest, n: number, text: string): Promise<void> {
  for (const [timestamp, word] of text.split(' ').entries()) {
    const [key = '', value = ''] = word.split(':');
    await test.write(words, { key, value, timestamp, partition: n });
  }
}

describe('nothing leaks from task to task', () => {
  it('a scan, a share and a closure belong to one task', async () => {
    const numbered = topology(() => {
      let seen = 0;
      const shared = stream(words).pipe(
        tap(() => {
          seen += 1;
        }),
        scan((before, word) => ({ ...word, value: before.value + word.value })),
        share(),
      );
      shared.pipe(
        mapValues((text) => `${text}/${seen}`),
        to(lines),
      );
      shared.pipe(to(copies));
    });
    const test = await topologyTest(numbered, { partitions: 2 });
    await say(test, 0, 'a:x a:y');
    await say(test, 1, 'b:p b:q b:r');
    await say(test, 0, 'a:z');
    // `seen` counts once a record though two pipelines listen: share() is one subscription.
    expect(told(test)).toBe('a:x/1 a:xy/2 a:xyz/3 | b:p/1 b:pq/2 b:pqr/3');
    expect(told(test, copies)).toBe('a:x a:xy a:xyz | b:p b:pq b:pqr');
    await test.close();
  });

  it('withLatestFrom knows the other side of its own task alone', async () => {
    const priced = topology(() => {
      stream(words).pipe(
        withLatestFrom(stream(rates)),
        map(([word, rate]) => ({ ...word, value: `${word.value}*${rate.value}` })),
        to(lines),
      );
    });
    const test = await topologyTest(priced, { partitions: 2 });
    await test.write(rates, { key: 'r', value: 5, timestamp: 0, partition: 0 });
    await say(test, 1, 'b:early');
    await test.write(rates, { key: 'r', value: 7, timestamp: 0, partition: 1 });
    await say(test, 0, 'a:x');
    await say(test, 1, 'b:y');
    expect(told(test)).toBe('a:x*5 | b:y*7');
    await test.close();
  });

  it('merge, partition and a synchronous mergeMap keep records in their turn', async () => {
    const letters = topology(() => {
      const [long, short] = partition(stream(words), ({ value }) => value.length > 1);
      const spelt = long.pipe(
        mergeMap((word) => from([...word.value].map((value) => ({ ...word, value })))),
      );
      merge(spelt, short).pipe(
        groupByKey(),
        count(keyValueStore('letters', int64())),
        toStream(),
        mapValues(String),
        to(lines),
      );
    });
    const test = await topologyTest(letters, { partitions: 2 });
    await say(test, 0, 'a:x a:xyz');
    await say(test, 1, 'b:pq b:p');
    expect(told(test)).toBe('a:1 a:2 a:3 a:4 | b:1 b:2 b:3');
    await test.close();
  });
});

it('a stateful operator with two consumers runs once', async () => {
  const calls: string[] = [];
  const texts = keyValueStore('texts', string());
  const twice = topology(() => {
    const joined = stream(words).pipe(
      groupByKey(),
      aggregate(
        texts,
        () => '',
        (key, value, text) => {
          calls.push(`${key}:${value}`);
          return text + value;
        },
      ),
      toStream(),
    );
    joined.pipe(to(lines));
    joined.pipe(
      filter(({ key }) => key === 'a'),
      to(copies),
    );
  });
  const test = await topologyTest(twice);
  await say(test, 0, 'a:x b:y a:z');
  expect(calls).toEqual(['a:x', 'b:y', 'a:z']);
  expect(told(test)).toBe('a:x a:xz | b:y');
  expect(told(test, copies)).toBe('a:x a:xz');
  await test.close();
});
