import { describe, expect, it } from '@jest/globals';
import {
  aggregate,
  count,
  deadLetter,
  groupByKey,
  int64,
  keyValueStore,
  mapValues,
  skip,
  stream,
  string,
  to,
  topic,
  topology,
  toStream,
} from 'rxkstreams';
import { type TopologyTest, topologyTest } from 'rxkstreams/testing';

const amounts = topic('amounts', int64());
const copies = topic('copies', int64());
const words = topic('words', string());
const counts = keyValueStore('counts', int64());
const sums = keyValueStore('sums', int64());

let limit = 10;

/**
 * Each amount is copied, counted and added up; a sum beyond the limit throws. By then the record
 * has left something behind in two stores and an output.
 */
const spending = topology(() => {
  const records = stream(amounts);
  records.pipe(to(copies));
  records.pipe(groupByKey(), count(counts));
  records.pipe(
    groupByKey(),
    aggregate(
      sums,
      () => 0,
      (_key, amount, sum) => sum + amount,
    ),
    toStream(),
    mapValues((sum) => {
      if (sum > limit) throw new RangeError(`${sum} is too much`);
      return `sum ${sum}`;
    }),
    to(words),
  );
});
const three = [4, 9, 5].map((value, timestamp) => ({ key: 'ann', value, timestamp }));

async function state(test: TopologyTest): Promise<unknown> {
  const rows = [...(await test.rows(counts)), ...(await test.rows(sums))];
  return rows.map(({ value }) => value);
}
const values = (out: readonly { readonly value: unknown }[]): unknown[] =>
  out.map(({ value }) => value);

describe('a user function that throws', () => {
  it('stops the app before the record, which is the first after a restart', async () => {
    limit = 10;
    const test = await topologyTest(spending, { guarantee: 'exactly-once' });
    await expect(test.write(amounts, ...three)).rejects.toMatchObject({
      code: 'PROCESSING_FAILED',
      message: expect.stringMatching(
        /mapValues#\d+ failed: 13 is too much.*Mend the function, or set errors\.processing/,
      ),
      place: { task: '0_0', node: expect.any(String), topic: 'amounts', partition: 0, offset: 1 },
      cause: expect.any(RangeError),
    });
    expect(test.run.app?.state).toBe('error');

    limit = 100;
    await test.restart();
    await test.commit();
    expect(await state(test)).toEqual([3, 18]);
    expect(values(test.read(copies))).toEqual([4, 9, 5]);
    expect(values(test.read(words))).toEqual(['sum 4', 'sum 13', 'sum 18']);
    await test.close();
  });

  it.each(['at-least-once', 'exactly-once'] as const)(
    'is skipped on wish: nothing of the record is left, in no store and no output (%s)',
    async (guarantee) => {
      limit = 10;
      const test = await topologyTest(spending, { guarantee, errors: { processing: skip } });
      await test.write(amounts, ...three);
      expect(await state(test)).toEqual([2, 9]);
      await test.commit();
      expect(values(test.read(copies))).toEqual([4, 5]);
      expect(values(test.read(words))).toEqual(['sum 4', 'sum 9']);
      expect(test.run.app?.metrics().recordsDropped).toEqual({ failed: 1 });

      // Nor in a changelog: the state comes back as it was.
      await test.crash();
      await test.restart();
      expect(await state(test)).toEqual([2, 9]);
      await test.close();
    },
  );

  it('goes to a dead-letter topic on wish, undone as well', async () => {
    limit = 10;
    const errors = { processing: deadLetter('dead') };
    const test = await topologyTest(spending, { errors, topics: { dead: 1 } });
    await test.write(amounts, ...three);
    expect(await state(test)).toEqual([2, 9]);
    expect(values(test.read(copies))).toEqual([4, 5]);
    const [letter, ...others] = test.read(topic('dead', int64()));
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ key: 'ann', value: 9, timestamp: 1 });
    const headers = new Map(letter?.headers);
    const text = (name: string): string =>
      new TextDecoder().decode(headers.get(`__streams.errors.${name}`) ?? undefined);
    expect(text('code')).toBe('PROCESSING_FAILED');
    expect(text('exception')).toBe('RangeError');
    expect(text('message')).toContain('13 is too much');
    expect([text('topic'), text('partition'), text('offset')]).toEqual(['amounts', '0', '1']);
    await test.close();
  });
});
