import { describe, expect, it } from '@jest/globals';
import { untilWindowCloses } from '../../lib/operators/untilWindowCloses.ts';

describe('untilWindowCloses', () => {
  it('has no bound unless one is given', () => {
    expect(untilWindowCloses()).toEqual({ until: 'close' });
    expect(untilWindowCloses({ maxRecords: 5 })).toEqual({ until: 'close', maxRecords: 5 });
  });

  it('refuses what is no bound', () => {
    expect(() => untilWindowCloses({ maxRecords: -1 })).toThrow(/maxRecords is -1/);
  });
});
