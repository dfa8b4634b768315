import { describe, expect, it } from '@jest/globals';
import { untilTimeLimit } from '../../lib/operators/untilTimeLimit.ts';

describe('untilTimeLimit', () => {
  it('emits early when it is full, unless told to fail', () => {
    expect(untilTimeLimit({ limitMs: 10 }).whenFull).toBe('emit early');
    expect(untilTimeLimit({ limitMs: 10, whenFull: 'fail' }).whenFull).toBe('fail');
  });

  it('refuses what is no time or no bound', () => {
    expect(() => untilTimeLimit({ limitMs: -1 })).toThrow(/limitMs is -1/);
    expect(() => untilTimeLimit({ limitMs: 1, maxBytes: 0.5 })).toThrow(/maxBytes is 0.5/);
  });
});
