import { describe, expect, it } from '@jest/globals';
import { defer, of, switchMap } from 'rxjs';
import {
  count,
  groupByKey,
  int64,
  type KRecord,
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
import { topologyTest } from 'rxkstreams/testing';

const words = topic('words', string());
const totals = topic('totals', int64());
const lines = topic('lines', string());
const one = { key: 'a', value: 'x', timestamp: 0 };
const tooLate = {
  code: 'NO_BUILD_SCOPE',
  message: expect.stringMatching(
    /belongs to no task.*Apply it in the topology's factory, not inside switchMap/,
  ),
};

describe('an operator of ours that is applied while records flow', () => {
  const counting = topology(() => {
    stream(words).pipe(
      switchMap((word: KRecord<string, string>) =>
        of(word).pipe(groupByKey(), count(keyValueStore('counts', int64())), toStream()),
      ),
      to(totals),
    );
  });

  it('is an error inside switchMap: its state would belong to no task', async () => {
    const test = await topologyTest(counting);
    await expect(test.write(words, one)).rejects.toMatchObject(tooLate);
    expect(test.run.app?.state).toBe('error');
    expect(test.read(totals)).toEqual([]);
  });

  it('cannot be skipped: no record would ever come through', async () => {
    const test = await topologyTest(counting, { errors: { processing: skip } });
    await expect(test.write(words, one)).rejects.toMatchObject(tooLate);
  });

  it('is an error without state as well', async () => {
    const test = await topologyTest(
      topology(() => {
        stream(words).pipe(
          switchMap((word: KRecord<string, string>) =>
            of(word).pipe(mapValues((value) => value.toUpperCase())),
          ),
          to(lines),
        );
      }),
    );
    await expect(test.write(words, one)).rejects.toMatchObject(tooLate);
  });

  it('is an error inside defer, which applies it when a task is connected', async () => {
    const deferred = topology(() => {
      const source = stream(words);
      defer(() => source.pipe(mapValues((value) => value.toUpperCase()))).pipe(to(lines));
    });
    const test = await topologyTest(deferred);
    await expect(test.write(words, one)).rejects.toMatchObject(tooLate);
  });
});
