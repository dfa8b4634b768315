import { type KeyRows, RowEntry } from './RowEntry.ts';
import type { PlacedRow, Row } from './RowStore.ts';
import type { Cursor } from './SortedList.ts';

/**
 * Answers item after item, then undefined. What iterators do, without an object for each step:
 * joins walk a few rows for each record.
 */
export interface Walk<T> {
  next(): T | undefined;
}

/** A walk over nothing. */
export const nothing: Walk<never> = { next: () => undefined };

class Single<T> implements Walk<T> {
  #item: T | undefined;

  constructor(item: T) {
    this.#item = item;
  }

  next(): T | undefined {
    const item = this.#item;
    this.#item = undefined;
    return item;
  }
}

/** A walk over one item. */
export function single<T>(item: T): Walk<T> {
  return new Single(item);
}

/** A key's rows from one major to another. */
export function rowsBetween<K, V>(
  rows: KeyRows<K, V>,
  from: number,
  to: number,
  reverse: boolean,
): Walk<RowEntry<K, V>> {
  const many = rows.live === null ? null : rows.live.many;
  if (many === null) {
    const one = rows.live === null ? rows : rows.live.one;
    const isThere = one !== null && one.current !== undefined;
    return isThere && one.major >= from && one.major <= to ? single(one) : nothing;
  }
  const begin = new RowEntry(rows, reverse ? to : from, reverse ? Infinity : -Infinity);
  return new MajorsWalk(many.cursor(begin, reverse), reverse ? from : to, reverse);
}

class MajorsWalk<K, V> implements Walk<RowEntry<K, V>> {
  readonly #entries: Cursor<RowEntry<K, V>>;
  readonly #end: number;
  readonly #reverse: boolean;

  constructor(entries: Cursor<RowEntry<K, V>>, end: number, reverse: boolean) {
    this.#entries = entries;
    this.#end = end;
    this.#reverse = reverse;
  }

  next(): RowEntry<K, V> | undefined {
    const entry = this.#entries.next();
    if (entry === undefined) return undefined;
    return (this.#reverse ? entry.major < this.#end : entry.major > this.#end) ? undefined : entry;
  }
}

/** All rows of key after key, as long as keys are meant. */
export class KeysWalk<K, V> implements Walk<RowEntry<K, V>> {
  readonly #keys: Cursor<KeyRows<K, V>>;
  readonly #isMeant: (rows: KeyRows<K, V>) => boolean;
  readonly #reverse: boolean;
  #rows: Walk<RowEntry<K, V>> = nothing;

  constructor(
    keys: Cursor<KeyRows<K, V>>,
    isMeant: (rows: KeyRows<K, V>) => boolean,
    reverse: boolean,
  ) {
    this.#keys = keys;
    this.#isMeant = isMeant;
    this.#reverse = reverse;
  }

  next(): RowEntry<K, V> | undefined {
    for (;;) {
      const entry = this.#rows.next();
      if (entry !== undefined) return entry;
      const rows = this.#keys.next();
      if (rows === undefined || !this.#isMeant(rows)) return undefined;
      this.#rows = rowsBetween(rows, -Infinity, Infinity, this.#reverse);
    }
  }
}

/** Those of a walk's items that are meant. */
export function filtered<T>(walk: Walk<T>, isMeant: (item: T) => boolean): Walk<T> {
  return {
    next() {
      let item = walk.next();
      while (item !== undefined && !isMeant(item)) item = walk.next();
      return item;
    },
  };
}

/** Two walks in the same order as one; of items that compare equal only the first walk's is met. */
export function merged<T>(
  first: Walk<T>,
  second: Walk<T>,
  compare: (a: T, b: T) => number,
): Walk<T> {
  let a = first.next();
  let b = second.next();
  return {
    next() {
      const order = a === undefined ? 1 : b === undefined ? -1 : compare(a, b);
      const item = order <= 0 ? a : b;
      if (order <= 0) a = first.next();
      if (order >= 0 && b !== undefined) b = second.next();
      return item;
    },
  };
}

/** A walk over entries as an iterable of the rows that one of their versions has. */
export class PlacedRows<K, V> implements IterableIterator<PlacedRow<K, V>> {
  readonly #entries: Walk<RowEntry<K, V>>;
  readonly #version: (entry: RowEntry<K, V>) => Row<V> | undefined;

  constructor(
    entries: Walk<RowEntry<K, V>>,
    version: (entry: RowEntry<K, V>) => Row<V> | undefined,
  ) {
    this.#entries = entries;
    this.#version = version;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<PlacedRow<K, V>, undefined> {
    for (;;) {
      const entry = this.#entries.next();
      if (entry === undefined) return { done: true, value: undefined };
      const row = this.#version(entry);
      if (row === undefined) continue;
      const { rows, major, minor } = entry;
      const { value, timestamp } = row;
      return { done: false, value: { key: rows.key, major, minor, value, timestamp } };
    }
  }
}
