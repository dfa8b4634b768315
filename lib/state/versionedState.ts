import type { Serde } from '../serde/Serde.ts';
import type { Row, RowStore } from './RowStore.ts';

/** What a version holds that ends a row: a store's values are never null. */
export const ended: unique symbol = Symbol('ended');
export type Version<V> = V | typeof ended;

/** A version's bytes: 1 and the value, or 0 where the row ends. */
export function versionedValue<V>(value: Serde<V>): Serde<Version<V>> {
  return {
    name: `versioned(${value.name ?? 'custom'})`,
    encode(version) {
      if (version === ended) return new Uint8Array(1);
      const bytes = value.encode(version);
      const out = new Uint8Array(bytes.length + 1);
      out[0] = 1;
      out.set(bytes, 1);
      return out;
    },
    decode: (bytes) => (bytes[0] === 0 ? ended : value.decode(bytes.subarray(1))),
  };
}

/**
 * The version in force at that time, also one that ends the row. A version is valid from its
 * `major`.
 */
export function versionAt<K, V>(
  rows: Pick<RowStore<K, Version<V>>, 'ofKey'>,
  key: K,
  asOf: number,
): Row<Version<V>> | undefined {
  for (const version of rows.ofKey(key, 0, asOf, { reverse: true })) return version;
  return undefined;
}

/** The row a version stands for. */
export function rowOf<V>(version: Row<Version<V>> | undefined): Row<V> | undefined {
  return version === undefined || version.value === ended ? undefined : (version as Row<V>);
}
