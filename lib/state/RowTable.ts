import { StreamsError } from '../errors.ts';
import { KeyOrder } from './KeyOrder.ts';
import { byPlace, EntrySet, KeyRows, RowEntry } from './RowEntry.ts';
import type { Row, RowStoreOptions } from './RowStore.ts';
import { SortedList } from './SortedList.ts';
import { TimeIndex } from './TimeIndex.ts';

/**
 * The entries of a store that are in memory, by key, and in order of keys and of time. Entries whose row is
 * gone lie aside: no walk over the rows meets them, however many a commit interval deletes.
 */
export class RowTable<K, V> {
  readonly order: KeyOrder<K>;
  readonly #options: RowStoreOptions<K, V>;
  // Keys that are primitives are known by themselves, all others by the text of their bytes: two maps,
  // as the text of one key may be another key.
  readonly #byValue = new Map<unknown, KeyRows<K, V>>();
  readonly #byBytes = new Map<unknown, KeyRows<K, V>>();
  readonly #time: TimeIndex<K, V> | null;
  /** Keys with rows, in order: only once somebody has asked for it. */
  #keys: SortedList<KeyRows<K, V>> | null = null;
  #last: KeyRows<K, V> | null = null;
  #size = 0;
  readonly #probe: RowEntryProbe<K, V>;

  constructor(options: RowStoreOptions<K, V>) {
    this.#options = options;
    this.order = new KeyOrder(options.key);
    this.#probe = new RowEntryProbe();
    this.#time = options.timeIndex
      ? new TimeIndex((a, b) => this.#compareKeys(a.rows, b.rows) || a.minor - b.minor)
      : null;
  }

  get size(): number {
    return this.#size;
  }

  /** The entry of a row that is there. */
  live(key: K, major: number, minor: number): RowEntry<K, V> | undefined {
    const rows = this.#rowsOf(key);
    return rows === undefined ? undefined : this.#liveOf(rows, major, minor);
  }

  /** The entry of a place, be its row there or gone. */
  find(key: K, major: number, minor: number): RowEntry<K, V> | undefined {
    const rows = this.#rowsOf(key);
    if (rows === undefined) return undefined;
    return this.#liveOf(rows, major, minor) ?? this.#goneOf(rows, major, minor);
  }

  /** The entry of a place; a new one is gone until it is assigned a row. */
  open(key: K, major: number, minor: number): RowEntry<K, V> {
    const rows = this.#rowsOf(key) ?? this.#newRows(key);
    return (
      this.#liveOf(rows, major, minor) ??
      this.#goneOf(rows, major, minor) ??
      this.#newEntry(rows, major, minor)
    );
  }

  /** Sets what operators see. */
  assign(entry: RowEntry<K, V>, row: Row<V> | undefined): void {
    const before = entry.current;
    entry.current = row;
    if (row === undefined) {
      if (before !== undefined) this.#hide(entry);
    } else if (before === undefined) {
      this.#show(entry);
    }
  }

  /** Forgets an entry whose row is gone. */
  forget(entry: RowEntry<K, V>): void {
    const { rows } = entry;
    rows.gone?.remove(entry);
    if (rows.gone?.isEmpty === true) rows.gone = null;
    if (rows.gone !== null || !rows.isEmpty) return;
    this.#mapOf(rows.key).delete(rows.id);
    if (this.#last === rows) this.#last = null;
  }

  clear(): void {
    this.#byValue.clear();
    this.#byBytes.clear();
    this.#time?.clear();
    this.#keys = null;
    this.#last = null;
    this.#size = 0;
  }

  *ofKey(key: K, from: number, to: number, reverse: boolean): Generator<RowEntry<K, V>, void> {
    const rows = this.#rowsOf(key);
    if (rows !== undefined) yield* this.#rowsBetween(rows, from, to, reverse);
  }

  *range(from: K | null, to: K | null, reverse: boolean): Generator<RowEntry<K, V>, void> {
    const lowest = from === null ? null : this.order.orderOf(from);
    const highest = to === null ? null : this.order.orderOf(to);
    const begin = reverse ? highest : lowest;
    const end = reverse ? lowest : highest;
    const cursor = this.#inOrder().cursor(begin === null ? null : probeRows(begin), reverse);
    for (let rows = cursor.next(); rows !== undefined; rows = cursor.next()) {
      if (end !== null && (reverse ? this.#orderOf(rows) < end : this.#orderOf(rows) > end)) return;
      yield* this.#rowsBetween(rows, -Infinity, Infinity, reverse);
    }
  }

  *prefix(bytes: Uint8Array): Generator<RowEntry<K, V>, void> {
    const begin = this.order.orderOfPrefix(bytes);
    const cursor = this.#inOrder().cursor(probeRows(begin), false);
    for (let rows = cursor.next(); rows !== undefined; rows = cursor.next()) {
      if (!this.#orderOf(rows).startsWith(begin)) return;
      if (!this.order.hasPrefix(rows.key, bytes)) continue;
      yield* this.#rowsBetween(rows, -Infinity, Infinity, false);
    }
  }

  byTime(from: number, to: number, reverse: boolean): Iterable<RowEntry<K, V>> {
    return this.#timeIndex().between(from, to, reverse);
  }

  /** A row with major < `before`. */
  anyBefore(before: number): RowEntry<K, V> | undefined {
    return this.#timeIndex().anyBefore(before);
  }

  /** By (key, major, minor). */
  compareByKey(a: RowEntry<K, V>, b: RowEntry<K, V>): number {
    return this.#compareKeys(a.rows, b.rows) || byPlace(a, b);
  }

  /** By (major, key, minor). */
  compareByTime(a: RowEntry<K, V>, b: RowEntry<K, V>): number {
    return a.major - b.major || this.#compareKeys(a.rows, b.rows) || a.minor - b.minor;
  }

  orderOfEntry(entry: RowEntry<K, V>): string {
    return this.#orderOf(entry.rows);
  }

  *#rowsBetween(
    rows: KeyRows<K, V>,
    from: number,
    to: number,
    reverse: boolean,
  ): Generator<RowEntry<K, V>, void> {
    const { one, many } = rows;
    if (many === null) {
      if (one !== null && one.major >= from && one.major <= to) yield one;
      return;
    }
    const begin = reverse
      ? new RowEntry(rows, to, Infinity)
      : new RowEntry(rows, from, -Infinity);
    const cursor = many.cursor(begin, reverse);
    for (let entry = cursor.next(); entry !== undefined; entry = cursor.next()) {
      if (reverse ? entry.major < from : entry.major > to) return;
      yield entry;
    }
  }

  #rowsOf(key: K): KeyRows<K, V> | undefined {
    const last = this.#last;
    if (last !== null && last.key === key) return last;
    const rows =
      typeof key === 'object' || typeof key === 'function'
        ? this.#byBytes.get(this.order.idOf(key))
        : this.#byValue.get(key);
    if (rows !== undefined) this.#last = rows;
    return rows;
  }

  #newRows(key: K): KeyRows<K, V> {
    this.order.check(key);
    const map = this.#mapOf(key);
    const rows = new KeyRows<K, V>(key, map === this.#byBytes ? this.order.idOf(key) : key);
    map.set(rows.id, rows);
    this.#last = rows;
    return rows;
  }

  #mapOf(key: K): Map<unknown, KeyRows<K, V>> {
    return typeof key === 'object' || typeof key === 'function' ? this.#byBytes : this.#byValue;
  }

  #liveOf(rows: KeyRows<K, V>, major: number, minor: number): RowEntry<K, V> | undefined {
    const { recent } = rows;
    if (
      recent !== null &&
      recent.major === major &&
      recent.minor === minor &&
      recent.current !== undefined
    ) {
      return recent;
    }
    const found = rows.find(this.#probe.at(major, minor));
    if (found !== undefined) rows.recent = found;
    return found;
  }

  #goneOf(rows: KeyRows<K, V>, major: number, minor: number): RowEntry<K, V> | undefined {
    return rows.gone === null ? undefined : rows.gone.find(this.#probe.at(major, minor));
  }

  #newEntry(rows: KeyRows<K, V>, major: number, minor: number): RowEntry<K, V> {
    if (!Number.isSafeInteger(major) || !Number.isSafeInteger(minor)) {
      throw new StreamsError(
        'INVALID_OPTION',
        `Store "${this.#options.name}" places rows by whole numbers, not (${major}, ${minor}): ` +
          'give its records timestamps in whole milliseconds.',
      );
    }
    const entry = new RowEntry(rows, major, minor);
    rows.gone ??= new EntrySet();
    rows.gone.add(entry);
    return entry;
  }

  #show(entry: RowEntry<K, V>): void {
    const { rows } = entry;
    if (rows.gone !== null) {
      rows.gone.remove(entry);
      if (rows.gone.isEmpty) rows.gone = null;
    }
    if (this.#keys !== null && rows.isEmpty) this.#keys.add(rows);
    rows.add(entry);
    rows.recent = entry;
    this.#time?.add(entry);
    this.#size++;
  }

  #hide(entry: RowEntry<K, V>): void {
    const { rows } = entry;
    rows.remove(entry);
    if (rows.recent === entry) rows.recent = null;
    rows.gone ??= new EntrySet();
    rows.gone.add(entry);
    if (this.#keys !== null && rows.isEmpty) this.#keys.remove(rows);
    this.#time?.remove(entry);
    this.#size--;
  }

  #inOrder(): SortedList<KeyRows<K, V>> {
    if (this.#keys === null) {
      const all: KeyRows<K, V>[] = [];
      for (const map of [this.#byValue, this.#byBytes]) {
        for (const rows of map.values()) if (!rows.isEmpty) all.push(rows);
      }
      this.#keys = SortedList.of(all, (a, b) => this.#compareKeys(a, b));
    }
    return this.#keys;
  }

  #timeIndex(): TimeIndex<K, V> {
    if (this.#time !== null) return this.#time;
    throw new StreamsError(
      'NOT_SUPPORTED',
      `Store "${this.#options.name}" keeps no order of time: open it with timeIndex.`,
    );
  }

  #orderOf(rows: KeyRows<K, V>): string {
    rows.order ??= this.order.orderOf(rows.key);
    return rows.order;
  }

  #compareKeys(a: KeyRows<K, V>, b: KeyRows<K, V>): number {
    if (a === b) return 0;
    const first = this.#orderOf(a);
    const second = this.#orderOf(b);
    return first < second ? -1 : first > second ? 1 : 0;
  }
}

/** An entry that stands for a place in a search; one a table, as searches are synchronous. */
class RowEntryProbe<K, V> {
  readonly #entry: Mutable<RowEntry<K, V>> = new RowEntry<K, V>(probeRows(''), 0, 0);

  at(major: number, minor: number): RowEntry<K, V> {
    this.#entry.major = major;
    this.#entry.minor = minor;
    return this.#entry;
  }
}

type Mutable<T> = { -readonly [P in keyof T]: T[P] };

/** A key's rows that stand for its place in a search. */
function probeRows<K, V>(order: string): KeyRows<K, V> {
  const rows = new KeyRows<K, V>(null as K, null);
  rows.order = order;
  return rows;
}
