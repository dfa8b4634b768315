import { describe, expect, it } from '@jest/globals';
import { identity, type MonoTypeOperatorFunction, merge, share } from 'rxjs';
import {
  count,
  groupByKey,
  int64,
  join,
  type KRecord,
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

const words = topic('words', string());
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

/** `a:x b:y`: keys and values, one ms apart. */
async function say(test: TopologyTest, text: string): Promise<void> {
  for (const [timestamp, word] of text.split(' ').entries()) {
    const [key = '', value = ''] = word.split(':');
    await test.write(words, { key, value, timestamp });
  }
}

type Between = MonoTypeOperatorFunction<KRecord<string, string>>;
const betweens: readonly [string, () => Between][] = [
  ['our outputs', () => identity],
  ["a user's share()", () => share()],
];

describe.each(betweens)(
  'behind %s the order of delivery is the order of building',
  (_name, between) => {
    it.each([
      ['left', 'right'],
      ['right', 'left'],
    ])('a diamond delivers %s, then %s', async (first, second) => {
      const diamond = topology(() => {
        const source = stream(words).pipe(between());
        const one = source.pipe(mapValues((value) => `${value} ${first}`));
        const two = source.pipe(mapValues((value) => `${value} ${second}`));
        merge(two, one).pipe(to(lines)); // not the order of merge, which is that of subscribing
      });
      const test = await topologyTest(diamond);
      await say(test, 'a:1 a:2');
      expect(told(test)).toBe(`a:1 ${first} a:1 ${second} a:2 ${first} a:2 ${second}`);
      await test.close();
    });

    it('a record is through one pipeline before it enters the next', async () => {
      const meeting = topology(() => {
        const source = stream(words).pipe(between());
        source.pipe(to(copies));
        const counts = source.pipe(groupByKey(), count(keyValueStore('counts', int64())));
        counts.pipe(toStream(), mapValues(String), to(copies));
        source.pipe(
          mapValues((value) => `${value}!`),
          to(copies),
        );
      });
      const test = await topologyTest(meeting);
      await say(test, 'a:x a:y');
      expect(told(test, copies)).toBe('a:x a:1 a:x! a:y a:2 a:y!');
      await test.close();
    });

    it.each(['nowhere', 'first', 'between', 'last'])(
      'an unrelated sink, put %s, changes nothing in the result of a join',
      async (place) => {
        const counting = topology(() => {
          const source = stream(words).pipe(between());
          const listenIf = (here: string): void => {
            if (here === place) source.pipe(to(copies));
          };
          listenIf('first');
          const counts = source.pipe(groupByKey(), count(keyValueStore('counts', int64())));
          listenIf('between');
          source.pipe(
            join(counts, (value, n) => `${value}${n}`),
            to(lines),
          );
          listenIf('last');
        });
        const test = await topologyTest(counting);
        await say(test, 'a:x b:y a:z');
        // The table was built before the join, so each record meets the count that it made itself.
        expect(told(test)).toBe('a:x1 a:z2 | b:y1');
        await test.close();
      },
    );
  },
);
