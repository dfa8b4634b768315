import type { Serde } from '../serde/Serde.ts';
import type { ManagedStore, Row, RowStore } from './RowStore.ts';
import type { VersionedState } from './views.ts';

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
  for (const version of rows.ofKey(key, -Infinity, asOf, { reverse: true })) return version;
  return undefined;
}

/** The row a version stands for. */
export function rowOf<V>(version: Row<Version<V>> | undefined): Row<V> | undefined {
  return version === undefined || version.value === ended ? undefined : (version as Row<V>);
}

/**
 * A row store as rows with their history, with the meaning of Kafka Streams' versioned stores
 * (KIP-889): puts may come out of order as long as they are no older than the history kept,
 * measured by the newest put; the latest version stays however old it is. The store keeps an
 * order of time.
 */
export function versionedState<K, V>(
  store: ManagedStore<K, Version<V>>,
  historyRetentionMs: number,
): VersionedState<K, V> {
  // The newest put, and up to where versions that left the history were looked for.
  const cell = store.cell('versions');
  const newest = () => cell.get()?.[0] ?? -1;

  /**
   * Each version is met once, when it leaves the history: then those of its key before it are
   * of no use.
   */
  function forget(from: number, horizon: number): void {
    for (const { key, major, value } of [...store.byTime(from, horizon - 1)]) {
      for (const older of [...store.ofKey(key, -Infinity, major - 1)]) {
        store.delete(key, older.major, 0);
      }
      if (value === ended) store.delete(key, major, 0);
    }
  }

  return {
    get: (key) => rowOf(versionAt(store, key, Infinity)),
    getAsOf(key, asOf) {
      const version = versionAt(store, key, asOf);
      if (version === undefined || asOf >= newest() - historyRetentionMs) return rowOf(version);
      const latest = versionAt(store, key, Infinity);
      return latest?.timestamp === version.timestamp ? rowOf(version) : undefined;
    },
    put(key, value, timestamp) {
      const time = newest();
      if (timestamp < time - historyRetentionMs) return false;
      store.put(key, timestamp, 0, value === null ? ended : value, timestamp);
      if (timestamp <= time && time >= 0) return true;
      const sweptTo = cell.get()?.[1] ?? 0;
      const horizon = timestamp - historyRetentionMs;
      if (horizon > sweptTo) forget(sweptTo, horizon);
      cell.set([timestamp, Math.max(sweptTo, horizon)]);
      return true;
    },
  };
}
