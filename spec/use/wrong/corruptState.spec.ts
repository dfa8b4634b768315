import { describe, expect, it } from '@jest/globals';
import {
  aggregate,
  deadLetter,
  groupByKey,
  int64,
  json,
  keyValueStore,
  skip,
  stream,
  string,
  to,
  topic,
  topology,
  toStream,
} from 'rxkstreams';
import { type TopologyTest, type TopologyTestOptions, topologyTest } from 'rxkstreams/testing';

interface Sum {
  readonly cents: number;
}
const amounts = topic('amounts', int64());
const totals = topic('totals', json<Sum>());
const sums = keyValueStore('sums', json<Sum>());
const changelog = 'test-sums-changelog';
const adding = topology(() => {
  stream(amounts).pipe(
    groupByKey(),
    aggregate(
      sums,
      () => ({ cents: 0 }),
      (_key, amount, sum) => ({ cents: sum.cents + amount }),
    ),
    toStream(),
    to(totals),
  );
});
const ann = (value: number) => ({ key: 'ann', value, timestamp: 0 });

/** The app has died, and in its changelog a row has lost its end; its checkpoint is gone too. */
async function garbled(o: TopologyTestOptions = {}): Promise<TopologyTest> {
  const test = await topologyTest(adding, o);
  await test.write(amounts, ann(5));
  await test.commit();
  await test.crash();
  const [row] = test.run.records(changelog, 0);
  if (row?.value == null) throw new Error('the changelog is empty');
  const value = row.value.slice(0, -1);
  test.run.kafka.append(changelog, 0, { key: row.key, value, timestamp: 0 });
  return test;
}
const corrupt = {
  name: 'StateCorruptError',
  code: 'STATE_CORRUPT',
  message: expect.stringMatching(
    /"sums" holds a row whose value cannot be read.*or delete its checkpoint and changelog topic/,
  ),
  place: { task: '0_0', topic: changelog, partition: 0 },
};

describe('state that cannot be decoded', () => {
  it('ends the app: to go on without it would count wrongly', async () => {
    const test = await garbled();
    await expect(test.restart()).rejects.toMatchObject(corrupt);
    expect(test.run.app?.state).toBe('error');
  });

  it.each([
    ['skip', skip],
    ['dead letter', deadLetter('dead')],
  ])('is no business of the handlers: %s', async (_name, policy) => {
    const errors = { undecodable: policy, processing: policy, production: policy };
    const test = await garbled({ errors, topics: { dead: 1 } });
    await expect(test.restart()).rejects.toMatchObject(corrupt);
    expect(test.run.app?.state).toBe('error');
    expect(test.read(topic('dead', string()))).toEqual([]);
  });

  it('is the same for a row that another serde wrote', async () => {
    const test = await topologyTest(adding);
    await test.crash();
    const key = new Uint8Array([0, ...sums.key.encode('ann')]);
    const value = new Uint8Array([1, ...new Uint8Array(8), ...string().encode('not json')]);
    test.run.kafka.append(changelog, 0, { key, value, timestamp: 0 });
    await expect(test.restart()).rejects.toMatchObject(corrupt);
  });
});
