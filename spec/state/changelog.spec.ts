import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytes } from '../../lib/serde/bytes.ts';
import { json } from '../../lib/serde/json.ts';
import { string } from '../../lib/serde/string.ts';
import {
  cellKey,
  changelogTopic,
  encodeNumbers,
  RowFormat,
  rowKeyOf,
  timeKey,
} from '../../lib/state/changelog.ts';

const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');
const texts = new RowFormat({ name: 'sums', key: string(), value: json<unknown>() });
const raw = new RowFormat({ name: 'raw', key: bytes(), value: bytes() });
const safe = fc.maxSafeInteger();

describe('rows in changelogs', () => {
  it('have this form, and keep it', () => {
    expect(changelogTopic('shop', 'spend')).toBe('shop-spend-changelog');
    expect(hex(texts.encodeKey('al', 0, 0))).toBe('00616c');
    expect(hex(texts.encodeKey('al', 60_000, 0))).toBe(
      '02616c0000800000000000ea608000000000000000',
    );
    expect(hex(texts.encodeKey('a\0', -1, 2))).toBe('026100ff00007fffffffffffffff8000000000000002');
    expect(hex(texts.encodeRow({ value: { n: 1 }, timestamp: 258 }))).toBe(
      '0100000000000001027b226e223a317d',
    );
    expect(hex(cellKey('time'))).toBe('0174696d65');
    expect(hex(encodeNumbers([1]))).toBe('0100000000000000003ff0000000000000');
  });

  it('come back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), safe, safe, (key, major, minor) => {
        expect(texts.decodeKey(texts.encodeKey(key, major, minor))).toEqual({
          kind: 'row',
          key,
          major: major + 0,
          minor: minor + 0,
        });
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), safe, (value, timestamp) => {
        // JSON has one zero.
        const kept: unknown = JSON.parse(JSON.stringify(value));
        expect(texts.decodeRow(texts.encodeRow({ value, timestamp }))).toEqual({
          value: kept,
          timestamp: timestamp + 0,
        });
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.double()), (numbers) => {
        expect(texts.decodeCell(encodeNumbers(numbers))).toEqual(numbers);
      }),
    );
  });

  it('lie in order of key, major, minor', () => {
    const key = fc.uint8Array({ maxLength: 4, max: 2 });
    const small = fc.oneof(fc.integer({ min: -2, max: 2 }), safe);
    const place = fc.tuple(key, small, small);
    const order = (a: Uint8Array, b: Uint8Array) => Math.sign(Buffer.compare(a, b));
    fc.assert(
      fc.property(place, place, ([k1, major1, minor1], [k2, major2, minor2]) => {
        const [a, b] = [raw.encodeKey(k1, major1, minor1), raw.encodeKey(k2, major2, minor2)];
        if (a[0] !== b[0]) return;
        expect(order(a, b)).toBe(
          order(k1, k2) || Math.sign(major1 - major2) || Math.sign(minor1 - minor2),
        );
        const [t1, t2] = [timeKey(a) as Uint8Array, timeKey(b) as Uint8Array];
        expect(order(t1, t2)).toBe(
          Math.sign(major1 - major2) || order(k1, k2) || Math.sign(minor1 - minor2),
        );
        expect(hex(rowKeyOf(t1))).toBe(hex(a));
      }),
      { numRuns: 1000 },
    );
  });

  it('of another form are refused, with the store and what to do', () => {
    const refused = [
      () => texts.decodeKey(Uint8Array.of()),
      () => texts.decodeKey(Uint8Array.of(9, 97)),
      () => texts.decodeKey(Uint8Array.of(0, 0xff)),
      () => texts.decodeKey(Uint8Array.of(2, 97, 0)),
      () => texts.decodeKey(texts.encodeKey('a\0b', 1, 1).map((b) => (b === 0xff ? 7 : b))),
      () => texts.decodeRow(Uint8Array.of(1, 2)),
      () => texts.decodeRow(new Uint8Array(12)),
      () => texts.decodeRow(texts.encodeRow({ value: 1, timestamp: 0 }).subarray(0, 9)),
      () => texts.decodeCell(encodeNumbers([1]).subarray(0, 12)),
    ];
    for (const read of refused) {
      expect(read).toThrow(/Store "sums" holds a row .* delete its checkpoint and changelog topic/);
    }
    fc.assert(
      fc.property(fc.uint8Array(), (noise) => {
        try {
          texts.decodeKey(noise);
          texts.decodeRow(noise);
        } catch (error) {
          expect(error).toMatchObject({ code: 'STATE_CORRUPT' });
        }
      }),
    );
  });
});
