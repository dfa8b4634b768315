import type { Serde } from '../../serde/Serde.ts';

/**
 * A key and the side of a join it came in by: 0 right, 1 left; so its bytes order right before
 * left.
 */
export interface Sided {
  readonly side: 0 | 1;
  readonly key: unknown;
}

/** The side's byte, then the key's. */
export function sidedKey(key: Serde<unknown>): Serde<Sided> {
  return {
    name: `sided(${key.name ?? 'custom'})`,
    encode: (sided) => tagged(sided.side, key.encode(sided.key)),
    decode: (bytes) => ({ side: bytes[0] as 0 | 1, key: key.decode(bytes.subarray(1)) }),
  };
}

/** A value of either side: the side's byte, then the value's. */
export function sidedValue(left: Serde<unknown>, right: Serde<unknown>): Serde<SidedValue> {
  return {
    name: `sided(${left.name ?? 'custom'}, ${right.name ?? 'custom'})`,
    encode: ({ side, value }) => tagged(side, (side === 1 ? left : right).encode(value)),
    decode: (bytes) => {
      const side = bytes[0] as 0 | 1;
      return { side, value: (side === 1 ? left : right).decode(bytes.subarray(1)) };
    },
  };
}

export interface SidedValue {
  readonly side: 0 | 1;
  readonly value: unknown;
}

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + 1);
  out[0] = tag;
  out.set(bytes, 1);
  return out;
}
