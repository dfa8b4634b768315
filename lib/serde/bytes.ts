import type { Serde } from './Serde.ts';

/** Bytes as they are. What is decoded is a copy, safe to keep. */
export function bytes(): Serde<Uint8Array> {
  return plain;
}

const plain: Serde<Uint8Array> = {
  name: 'bytes',
  encode: (value) => value,
  decode: (value) => new Uint8Array(value),
};
