import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytes, int64, json, number, type Serde, StreamsError, string, windowed } from 'rxkstreams';
import { encodeUtf8 } from '../../lib/serde/utf8.ts';

const safe = fc.maxSafeInteger();
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');

function comesBack<T>(serde: Serde<T>, values: fc.Arbitrary<T>): void {
  fc.assert(
    fc.property(values, (value) => expect(serde.decode(serde.encode(value))).toEqual(value)),
  );
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof StreamsError ? error.code : String(error);
  }
  return undefined;
}

describe('what is encoded is decoded', () => {
  it('strings, numbers, JSON, bytes', () => {
    comesBack(string(), fc.string({ unit: 'grapheme' }));
    comesBack(number(), fc.double());
    comesBack(int64(), safe);
    comesBack(bytes(), fc.uint8Array());
    comesBack(
      json<unknown>(),
      fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
    );
  });

  it('windowed keys, in both forms', () => {
    const key = fc.record({ key: fc.string(), start: safe, end: safe });
    comesBack(windowed(string()), key);
    comesBack(
      windowed(string(), { sizeMs: 60_000 }),
      fc
        .record({ key: fc.string(), start: fc.integer() })
        .map(({ key, start }) => ({ key, start, end: start + 60_000 })),
    );
  });
});

describe('UTF-8 from a slab', () => {
  it('is what the platform encodes, and stays as it is', () => {
    const texts = fc.array(
      fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 9_000 })),
    );
    fc.assert(
      fc.property(texts, (all) => {
        const encoded = all.map(encodeUtf8);
        all.forEach((text, i) => {
          expect(hex(encoded[i] as Uint8Array)).toBe(hex(new TextEncoder().encode(text)));
        });
      }),
    );
  });
});

describe("bytes are those of Kafka's own serializers", () => {
  it('big endian', () => {
    expect(hex(int64().encode(1))).toBe('0000000000000001');
    expect(hex(int64().encode(-2))).toBe('fffffffffffffffe');
    expect(hex(number().encode(1))).toBe('3ff0000000000000');
  });

  it('windowed: the key, then end and start; with a size the start alone', () => {
    const key = { key: 'a', start: 1, end: 258 };
    expect(hex(windowed(string()).encode(key))).toBe('6100000000000001020000000000000001');
    expect(hex(windowed(string(), { sizeMs: 257 }).encode(key))).toBe('610000000000000001');
    expect(hex(windowed(string()).encode({ key: 'a', start: -1, end: 0 }))).toBe(
      '610000000000000000ffffffffffffffff',
    );
  });
});

describe('what a serde cannot do is an error with a code', () => {
  it.each([
    ['a number as a string', () => string().encode(7 as never), 'KEY_TYPE'],
    ['a promise as JSON', () => json().encode(Promise.resolve(1)), 'KEY_TYPE'],
    ['undefined as JSON', () => json().encode(undefined), 'KEY_TYPE'],
    ['a string as a number', () => number().encode('7' as never), 'KEY_TYPE'],
    ['a fraction as int64', () => int64().encode(0.5), 'KEY_TYPE'],
    ['three bytes as a number', () => number().decode(new Uint8Array(3)), 'UNDECODABLE'],
    [
      'three bytes as a windowed key',
      () => windowed(string()).decode(new Uint8Array(3)),
      'UNDECODABLE',
    ],
  ])('%s', (_, run, code) => expect(codeOf(run)).toBe(code));

  it('bytes that are no UTF-8', () => {
    expect(() => string().decode(Uint8Array.of(0xff))).toThrow();
    expect(() => json().decode(Uint8Array.of(0x22, 0xff, 0x22))).toThrow();
  });
});
