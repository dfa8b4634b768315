import { describe, expect, it } from '@jest/globals';
import { crc32c } from '../../../../lib/client/kafkajs/records/crc32c.ts';

const bytes = (n: number, of: (at: number) => number) =>
  Uint8Array.from({ length: n }, (_, at) => of(at));

/** Bit by bit, as the definition says. */
function slowly(data: Uint8Array): number {
  let crc = -1;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('crc32c', () => {
  // The examples of RFC 3720, B.4, and the check value of the algorithm's catalogue.
  it.each([
    ['32 zeros', bytes(32, () => 0), 0x8a9136aa],
    ['32 ones', bytes(32, () => 255), 0x62a8ab43],
    ['ascending', bytes(32, (at) => at), 0x46dd794e],
    ['descending', bytes(32, (at) => 31 - at), 0x113fdb5c],
    ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(), 0],
  ])('knows %s', (_, data, sum) => {
    expect(crc32c(data)).toBe(sum);
  });

  it('is the plain definition at every length and place', () => {
    const data = bytes(64, (at) => (at * 167 + 13) & 255);
    for (let start = 0; start < 9; start++) {
      for (let end = start; end <= data.length; end++) {
        expect(crc32c(data, start, end)).toBe(slowly(data.subarray(start, end)));
      }
    }
  });

  it('is the plain definition over long ranges, whatever is left over', () => {
    const data = bytes(70_000, (at) => (at * 31 + (at >> 8)) & 255);
    for (const [start, end] of [
      [0, 127],
      [0, 128],
      [3, 131],
      [5, 150],
      [1, 32_769],
      [0, 32_785],
      [7, 70_000],
    ] as const) {
      expect(crc32c(data, start, end)).toBe(slowly(data.subarray(start, end)));
    }
  });
});
