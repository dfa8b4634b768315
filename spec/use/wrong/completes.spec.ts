import { describe, expect, it } from '@jest/globals';
import { take, takeWhile } from 'rxjs';
import { stream, string, to, topic, topology } from 'rxkstreams';
import { topologyTest } from 'rxkstreams/testing';

const words = topic('words', string());
const lines = topic('lines', string());
const one = { key: 'a', value: 'x', timestamp: 0 };
const completed = {
  code: 'PIPELINE_COMPLETED',
  message: expect.stringMatching(
    /before to\(lines\) completed.*runs for ever.*Take take\(\), first\(\) and takeWhile\(\) out/,
  ),
  place: { task: '0_0', node: 'to(lines)' },
};

describe('a pipeline that completes', () => {
  it('is an error: take', async () => {
    const twoOnly = topology(() => {
      stream(words).pipe(take(2), to(lines));
    });
    const test = await topologyTest(twoOnly);
    await test.write(words, one);
    expect(test.read(lines)).toHaveLength(1);
    await expect(test.write(words, one, one)).rejects.toMatchObject(completed);
    expect(test.run.app?.state).toBe('error');
  });

  it('is an error: takeWhile', async () => {
    const whileLetters = topology(() => {
      stream(words).pipe(
        takeWhile(({ value }) => value !== '.'),
        to(lines),
      );
    });
    const test = await topologyTest(whileLetters);
    const end = { ...one, value: '.' };
    await expect(test.write(words, one, end)).rejects.toMatchObject(completed);
  });
});
