import type { Windowed } from '../model/Windowed.ts';
import type { Row } from './RowStore.ts';

/** Rows by key. */
export interface KeyValueState<K, V> {
  get(key: K): Row<V> | undefined;
  put(key: K, value: V, timestamp: number): void;
  delete(key: K): void;
  /** Inclusive, in order of the encoded keys; null bounds are open. */
  range(
    from: K | null,
    to: K | null,
    o?: { readonly reverse?: boolean },
  ): Iterable<Row<V> & { readonly key: K }>;
  all(o?: { readonly reverse?: boolean }): Iterable<Row<V> & { readonly key: K }>;
  prefix(bytes: Uint8Array): Iterable<Row<V> & { readonly key: K }>;
}

/** A window's or session's row. */
export interface WindowRow<K, V> extends Row<V> {
  readonly key: K;
  readonly start: number;
  /**
   * Sessions: the last record's time. Windows: the start again; the store does not know their
   * size.
   */
  readonly end: number;
}

/** Rows by key and window start. */
export interface WindowState<K, V> {
  get(key: K, start: number): Row<V> | undefined;
  put(key: K, start: number, value: V, timestamp: number): void;
  delete(key: K, start: number): void;
  /** Starts in [from, to], ascending unless `reverse`. */
  fetch(
    key: K,
    from: number,
    to: number,
    o?: { readonly reverse?: boolean },
  ): Iterable<WindowRow<K, V>>;
  /** All keys, by (start, key). */
  fetchAll(from: number, to: number): Iterable<WindowRow<K, V>>;
  /** Deletes windows that start before this. */
  expire(before: number): void;
}

/** Rows by key and session bounds. */
export interface SessionState<K, V> {
  get(key: K, start: number, end: number): Row<V> | undefined;
  put(session: Windowed<K>, value: V, timestamp: number): void;
  delete(session: Windowed<K>): void;
  /** Sessions of the key with end >= `earliestEnd` and start <= `latestStart`, by (end, start). */
  find(key: K, earliestEnd: number, latestStart: number): Iterable<WindowRow<K, V>>;
  /** All keys, by (end, key, start). */
  fetchAll(fromEnd: number, toEnd: number): Iterable<WindowRow<K, V>>;
  /** Deletes sessions that end before this. */
  expire(before: number): void;
}

/** Rows by key with their history. */
export interface VersionedState<K, V> {
  /** The latest version. */
  get(key: K): Row<V> | undefined;
  /**
   * The version in force at `asOf`; undefined when there was none, or history does not reach
   * back.
   */
  getAsOf(key: K, asOf: number): Row<V> | undefined;
  /** Null ends the row at `timestamp`. False: older than the history kept; nothing was written. */
  put(key: K, value: V | null, timestamp: number): boolean;
}
