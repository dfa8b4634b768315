import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareKeys, keys } from './keys.ts';
import type { Key } from './values.ts';

const text = fc.string({ unit: 'binary' });
const key: fc.Arbitrary<Key> = fc.oneof(
  text,
  fc.record({ key: text, start: fc.nat(), end: fc.nat() }),
);

describe('keys', () => {
  it('come back as they were', () => {
    fc.assert(fc.property(key, (k) => expect(keys.decode(keys.encode(k))).toEqual(k)));
  });

  it('are in the order of their bytes, windowed ones by key, start, end', () => {
    const sorted: Key[] = [
      '',
      'B',
      'a',
      { key: 'a', start: 0, end: 10 },
      { key: 'a', start: 0, end: 20 },
      { key: 'a', start: 5, end: 10 },
      'aa',
      'b',
      'é',
    ];
    expect([...sorted].reverse().sort(compareKeys)).toEqual(sorted);
  });
});
