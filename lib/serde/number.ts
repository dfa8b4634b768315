import { StreamsError } from '../errors.ts';
import type { Serde } from './Serde.ts';

/** A number as 8 bytes, big endian, IEEE 754: what Kafka's own double serializer writes. */
export function number(): Serde<number> {
  return doubles;
}

/**
 * A whole number as 8 bytes, big endian, two's complement: what Kafka's own long serializer writes;
 * safe to 2^53.
 */
export function int64(): Serde<number> {
  return longs;
}

const doubles: Serde<number> = {
  name: 'number',
  encode(value) {
    scratch.setFloat64(0, checked(value));
    return copied();
  },
  decode: (bytes) => eightBytes(bytes).getFloat64(0),
};

const longs: Serde<number> = {
  name: 'int64',
  encode(value) {
    if (!Number.isSafeInteger(checked(value))) {
      throw new StreamsError(
        'KEY_TYPE',
        `${value} is not a whole number that is safe: use number().`,
      );
    }
    scratch.setInt32(0, Math.floor(value / 0x1_0000_0000));
    scratch.setUint32(4, value >>> 0);
    return copied();
  },
  decode: (bytes) => Number(eightBytes(bytes).getBigInt64(0)),
};

/**
 * A view of each number's own bytes would cost several times as much: here they pass through one
 * place.
 */
const scratch = new DataView(new ArrayBuffer(8));

function copied(): Uint8Array {
  const bytes = new Uint8Array(8);
  for (let i = 0; i < 8; i++) bytes[i] = scratch.getUint8(i);
  return bytes;
}

function checked(value: number): number {
  if (typeof value === 'number') return value;
  throw new StreamsError(
    'KEY_TYPE',
    `Expected a number, got ${typeof value}: give it another serde.`,
  );
}

function eightBytes(bytes: Uint8Array): DataView {
  if (bytes.length !== 8) {
    throw new StreamsError('UNDECODABLE', `A number has 8 bytes, these are ${bytes.length}.`);
  }
  return new DataView(bytes.buffer, bytes.byteOffset, 8);
}
