import { describe, expect, it } from '@jest/globals';
import { defer, map, scan, share, withLatestFrom } from 'rxjs';
import {
  deadLetter,
  json,
  mapValues,
  type StreamsError,
  skip,
  stream,
  string,
  table,
  to,
  topic,
  topology,
  toStream,
} from 'rxkstreams';
import { type TopologyTest, topologyTest } from 'rxkstreams/testing';

const words = topic('words', string());
const rates = topic('rates', json<number>());
const priced = topic('priced', string());
const texts = topic('texts', string());

/** Two pipelines of one task; in both RxJS remembers something: a table's row, the text so far. */
const pricing = topology(() => {
  const rate = table(rates).pipe(toStream());
  stream(words).pipe(
    withLatestFrom(rate),
    map(([word, { value }]) => ({ ...word, value: `${word.value}*${value}` })),
    to(priced),
  );
  stream(words).pipe(
    scan((before, word) => ({ ...word, value: before.value + word.value })),
    quietly(),
    mapValues((text) => text.toUpperCase()),
    to(texts),
  );
});

/** RxJS's own map: what it throws ends its pipeline. */
function quietly<R extends { readonly value: string }>() {
  return map((word: R): R => {
    if (word.value.endsWith('!')) throw new RangeError('do not shout');
    return word;
  });
}

async function say(test: TopologyTest, ...values: readonly string[]): Promise<StreamsError[]> {
  const errors: StreamsError[] = [];
  test.run.app?.errors$.subscribe((error) => errors.push(error));
  await test.write(rates, { key: 'usd', value: 5, timestamp: 0 });
  for (const value of values) await test.write(words, { key: 'a', value, timestamp: 1 });
  return errors;
}
const told = (test: TopologyTest, from = texts): unknown[] =>
  test.read(from).map(({ value }) => value);

describe('an operator that is not ours and errors', () => {
  it('stops the app, with the record undone', async () => {
    const test = await topologyTest(pricing);
    await expect(say(test, 'a', 'b!', 'c')).rejects.toMatchObject({
      code: 'FOREIGN_OPERATOR_FAILED',
      message: expect.stringMatching(
        /before mapValues#\d+ .* failed: do not shout.*Catch errors inside its function/,
      ),
      place: {
        task: '0_0',
        node: expect.stringContaining('mapValues'),
        topic: 'words',
        partition: 0,
        offset: 1,
      },
      cause: expect.any(RangeError),
    });
    expect(test.run.app?.state).toBe('error');
    expect(told(test)).toEqual(['A']);
    expect(told(test, priced)).toEqual(['a*5']);
  });

  it('is skipped on wish: its input alone is subscribed again; what was lost is told', async () => {
    const test = await topologyTest(pricing, { errors: { processing: skip } });
    const errors = await say(test, 'a', 'b!', 'c', 'd');
    // The text so far lived in scan, and is gone; the rate behind withLatestFrom is still known.
    expect(told(test)).toEqual(['A', 'C', 'CD']);
    expect(told(test, priced)).toEqual(['a*5', 'c*5', 'd*5']);
    expect(errors).toMatchObject([
      {
        code: 'FOREIGN_OPERATOR_FAILED',
        message: expect.stringContaining('held in memory is lost'),
      },
    ]);
    expect(test.run.app?.state).toBe('running');
    expect(test.run.app?.metrics().recordsDropped).toEqual({ failed: 1 });
    await test.close();
  });

  it('may be shared: then all that listen are subscribed again, to one subscription', async () => {
    let subscriptions = 0;
    const sharing = topology(() => {
      const shared = defer(() => {
        subscriptions += 1;
        return stream$;
      }).pipe(quietly(), share());
      const stream$ = stream(words);
      shared.pipe(to(texts));
      shared.pipe(
        mapValues((text) => text.toUpperCase()),
        to(priced),
      );
    });
    const test = await topologyTest(sharing, {
      errors: { processing: skip },
      topics: { rates: 1 },
    });
    subscriptions = 0;
    await say(test, 'a', 'b!', 'c');
    expect(told(test)).toEqual(['a', 'c']);
    expect(told(test, priced)).toEqual(['A', 'C']);
    expect(subscriptions).toBe(1);
    await test.close();
  });

  it('goes to a dead-letter topic on wish', async () => {
    const errors = { processing: deadLetter('dead') };
    const test = await topologyTest(pricing, { errors, topics: { dead: 1 } });
    await say(test, 'a', 'b!', 'c');
    expect(told(test, topic('dead', string()))).toEqual(['b!']);
    expect(told(test, priced)).toEqual(['a*5', 'c*5']);
    await test.close();
  });
});
