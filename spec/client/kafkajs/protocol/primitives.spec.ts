import { Buffer } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProtocolReader } from '../../../../lib/client/kafkajs/protocol/Reader.ts';
import { ProtocolWriter } from '../../../../lib/client/kafkajs/protocol/Writer.ts';
import { KafkaError } from '../../../../lib/errors.ts';

type Method =
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'varint'
  | 'varlong'
  | 'uvarint'
  | 'string'
  | 'nullableString'
  | 'compactString'
  | 'compactNullableString'
  | 'boolean';

function roundTrip(method: Method, value: unknown): unknown {
  const writer = new ProtocolWriter(1);
  (writer[method] as (value: unknown) => void)(value);
  const reader = new ProtocolReader(writer.bytes());
  const read = reader[method]();
  expect(reader.remaining).toBe(0);
  return read;
}

const hex = (write: (writer: ProtocolWriter) => void): string => {
  const writer = new ProtocolWriter();
  write(writer);
  return writer.bytes().toString('hex');
};

describe('protocol primitives', () => {
  it('lie on the wire as Kafka has them', () => {
    expect(hex((w) => w.int16(-2))).toBe('fffe');
    expect(hex((w) => w.int64(-1))).toBe('ffffffffffffffff');
    expect(hex((w) => w.int64(2 ** 53 - 1))).toBe('001fffffffffffff');
    expect(hex((w) => w.varint(-1))).toBe('01');
    expect(hex((w) => w.varint(300))).toBe('d804');
    expect(hex((w) => w.varlong(2 ** 40))).toBe('808080808040');
    expect(hex((w) => w.string('é'))).toBe('0002c3a9');
    expect(hex((w) => w.nullableString(null))).toBe('ffff');
    expect(hex((w) => w.compactString('ab'))).toBe('036162');
    expect(hex((w) => w.compactNullableString(null))).toBe('00');
    expect(hex((w) => w.nullableBytes(null))).toBe('ffffffff');
    expect(hex((w) => w.compactArray([1, 2], (n) => w.int8(n)))).toBe('030102');
    expect(hex((w) => w.nullableArray(null, () => {}))).toBe('ffffffff');
  });

  const laws: [Method, fc.Arbitrary<unknown>][] = [
    ['int8', fc.integer({ min: -128, max: 127 })],
    ['int16', fc.integer({ min: -32768, max: 32767 })],
    ['int32', fc.integer()],
    ['int64', fc.maxSafeInteger()],
    ['varint', fc.integer()],
    ['varlong', fc.maxSafeInteger()],
    ['uvarint', fc.nat({ max: 2 ** 32 - 1 })],
    ['string', fc.string({ unit: 'grapheme' })],
    ['nullableString', fc.option(fc.string())],
    ['compactString', fc.string({ unit: 'grapheme' })],
    ['compactNullableString', fc.option(fc.string())],
    ['boolean', fc.boolean()],
  ];
  it.each(laws)('%s is read as written', (method, values) => {
    fc.assert(fc.property(values, (value) => expect(roundTrip(method, value)).toEqual(value)));
  });

  it.each([
    ['a string longer than the rest', '0010', (r: ProtocolReader) => r.string()],
    ['bytes longer than the rest', '7fffffff00', (r: ProtocolReader) => r.byteArray()],
    ['bytes of negative length', 'fffffffe00', (r: ProtocolReader) => r.byteArray()],
    ['an array larger than the rest', '7fffffff', (r: ProtocolReader) => r.array(() => r.int8())],
    ['an endless varint', 'ffffffffffff', (r: ProtocolReader) => r.uvarint()],
    ['an endless varlong', 'ff'.repeat(12), (r: ProtocolReader) => r.varlong()],
    ['a number beyond 2^53', '7fffffffffffffff', (r: ProtocolReader) => r.int64()],
    ['an end within a number', '000000', (r: ProtocolReader) => r.int32()],
    ['null for a string', 'ffff', (r: ProtocolReader) => r.string()],
    ['tags longer than the rest', '0105ff', (r: ProtocolReader) => r.skipTags()],
  ])('refuses %s', (_, data, read) => {
    const reader = new ProtocolReader(Buffer.from(data, 'hex'));
    expect(() => read(reader)).toThrow(expect.objectContaining({ code: 'PROTOCOL_CORRUPT' }));
  });

  it.each(['string', 'nullableString'] as const)(
    'refuses a %s whose bytes are more than its length can tell',
    (method) => {
      expect(roundTrip(method, 'x'.repeat(32_767))).toHaveLength(32_767);
      for (const value of ['x'.repeat(32_768), 'é'.repeat(16_384), 'x'.repeat(70_000)]) {
        const write = () => new ProtocolWriter()[method](value);
        expect(write).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
        expect(write).toThrow(KafkaError);
      }
    },
  );

  it('passes over tags it does not know', () => {
    const reader = new ProtocolReader(Buffer.from('02000161010262637f', 'hex'));
    reader.skipTags();
    expect(reader.int8()).toBe(127);
  });
});
