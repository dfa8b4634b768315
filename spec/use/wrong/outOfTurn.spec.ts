import { describe, expect, it } from '@jest/globals';
import { delay, mergeMap } from 'rxjs';
import { mapValuesAsync, type StreamsError, stream, string, to, topic, topology } from 'rxkstreams';
import { topologyTest } from 'rxkstreams/testing';

const words = topic('words', string());
const lines = topic('lines', string());
const one = { key: 'a', value: 'x', timestamp: 0 };
const outOfTurn = {
  code: 'OUT_OF_TURN',
  message: expect.stringMatching(
    /to\(lines\): a record came outside its task's turn.*Use mapValuesAsync.*streamTime\(\)/,
  ),
  place: { task: '0_0', topic: 'words', partition: 0, offset: 0 },
};
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

describe('a record that comes after its turn', () => {
  it('is an error: delay, which runs on timers of its own', async () => {
    const delayed = topology(() => {
      stream(words).pipe(delay(1), to(lines));
    });
    const test = await topologyTest(delayed);
    const written = async (): Promise<void> => {
      await test.write(words, one);
      await soon();
      await test.advance(1);
    };
    await expect(written()).rejects.toMatchObject(outOfTurn);
    expect(test.run.app?.state).toBe('error');
    expect(test.read(lines)).toEqual([]);
  });

  it('is an error: a promise in mergeMap', async () => {
    const asking = topology(() => {
      stream(words).pipe(
        mergeMap(async (word) => ({ ...word, value: 'answer' })),
        to(lines),
      );
    });
    const test = await topologyTest(asking);
    await expect(test.write(words, one)).rejects.toMatchObject(outOfTurn);
  });

  it('mapValuesAsync, the remedy, waits in the task: a commit waits for the answer', async () => {
    const asking = topology(() => {
      stream(words).pipe(
        mapValuesAsync(async (word) => `${word} answered`, {
          concurrency: 4,
          order: 'partition',
          timeoutMs: 1000,
        }),
        to(lines),
      );
    });
    const test = await topologyTest(asking);
    const errors: StreamsError[] = [];
    test.run.app?.errors$.subscribe((error) => errors.push(error));
    await test.write(words, one);
    await test.commit();
    expect(test.read(lines)).toMatchObject([{ value: 'x answered' }]);
    expect(errors).toEqual([]);
    await test.close();
  });
});
