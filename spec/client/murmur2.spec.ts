import { describe, expect, it } from '@jest/globals';
import { murmur2, partitionForKey } from '../../lib/client/murmur2.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('murmur2', () => {
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Java does', (text, hash) => {
    expect(murmur2(bytes(text))).toBe(hash);
  });

  it('gives a partition that is never negative', () => {
    expect(partitionForKey(bytes('21'), 7)).toBe((-973932308 & 0x7fffffff) % 7);
    expect(partitionForKey(new Uint8Array(), 1)).toBe(0);
  });
});
