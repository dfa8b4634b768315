import { StreamsError } from '../errors.ts';
import { KeyOrder } from './KeyOrder.ts';
import { byPlace, EntrySet, KeyRows, RowEntry } from './RowEntry.ts';
import type { Row, RowStoreOptions } from './RowStore.ts';
import { SortedList } from './SortedList.ts';
import { TimeIndex } from './TimeIndex.ts';
import { filtered, KeysWalk, nothing, rowsBetween, type Walk } from './walks.ts';

/**
 * The entries of a store that are in memory, by key, and in order of keys and of time. Entries
 * whose row is gone lie aside: no walk over the rows meets them, however many a commit interval
 * deletes.
 */
export class RowTable<K, V> {
  readonly order: KeyOrder<K>;
  readonly #options: RowStoreOptions<K, V>;
  // Keys that are primitives are known by themselves, all others by the text of their bytes:
  // two maps, as the text of one key may be another key.
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
    const known = this.#liveOf(rows, major, minor) ?? this.#goneOf(rows, major, minor);
    if (known !== undefined) return known;
    const entry = this.#newEntry(rows, major, minor);
    rows.gone ??= new EntrySet();
    rows.gone.add(entry);
    return entry;
  }

  /** The entry of a place that gets a row at once: a new one never lies with the gone. */
  place(key: K, major: number, minor: number): RowEntry<K, V> {
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
    if (row === undefined) {
      entry.current = row;
      if (before !== undefined) this.#hide(entry);
    } else if (before === undefined) {
      const wasEmpty = entry.rows.isEmpty;
      entry.current = row;
      this.#show(entry, wasEmpty);
    } else {
      entry.current = row;
    }
  }

  /** Forgets an entry whose row is gone. */
  forget(entry: RowEntry<K, V>): void {
    const { rows } = entry;
    if (!rows.forget(entry)) return;
    const map = this.#mapOf(rows.key);
    if (map.get(rows.id) === rows) map.delete(rows.id);
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

  ofKey(key: K, from: number, to: number, reverse: boolean): Walk<RowEntry<K, V>> {
    const rows = this.#rowsOf(key);
    return rows === undefined ? nothing : rowsBetween(rows, from, to, reverse);
  }

  range(from: K | null, to: K | null, reverse: boolean): Walk<RowEntry<K, V>> {
    const lowest = from === null ? null : this.order.orderOf(from);
    const highest = to === null ? null : this.order.orderOf(to);
    const begin = reverse ? highest : lowest;
    const end = reverse ? lowest : highest;
    const keys = this.#inOrder().cursor(begin === null ? null : probeRows(begin), reverse);
    return new KeysWalk(
      keys,
      (rows) => end === null || (reverse ? this.#orderOf(rows) >= end : this.#orderOf(rows) <= end),
      reverse,
    );
  }

  prefix(bytes: Uint8Array): Walk<RowEntry<K, V>> {
    const begin = this.order.orderOfPrefix(bytes);
    const keys = this.#inOrder().cursor(probeRows(begin), false);
    const all = new KeysWalk(keys, (rows) => this.#orderOf(rows).startsWith(begin), false);
    return filtered(all, (entry) => this.order.hasPrefix(entry.rows.key, bytes));
  }

  byTime(from: number, to: number, reverse: boolean): Walk<RowEntry<K, V>> {
    return this.#timeIndex().between(from, to, reverse);
  }

  /** A row with major < `before`. */
  anyBefore(before: number): RowEntry<K, V> | undefined {
    return this.#timeIndex().anyBefore(before);
  }

  /** A key's rows outside the table, for an entry that passes by. */
  strayRows(key: K): KeyRows<K, V> {
    return new KeyRows(key, null);
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
    if (major === 0 && minor === 0) return rows.current === undefined ? undefined : rows;
    const { recent } = rows;
    if (recent !== null && recent.major === major && recent.minor === minor) return recent;
    const found = rows.live?.find(this.#probe.at(major, minor));
    if (found !== undefined) rows.recent = found;
    return found;
  }

  /** The entry of a place that has no row. */
  #goneOf(rows: KeyRows<K, V>, major: number, minor: number): RowEntry<K, V> | undefined {
    if (major === 0 && minor === 0) return rows;
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
    return new RowEntry(rows, major, minor);
  }

  #show(entry: RowEntry<K, V>, wasEmpty: boolean): void {
    const { rows } = entry;
    rows.show(entry);
    if (this.#keys !== null && wasEmpty) this.#keys.add(rows);
    this.#time?.add(entry);
    this.#size++;
  }

  #hide(entry: RowEntry<K, V>): void {
    const { rows } = entry;
    rows.hide(entry);
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
  readonly #entry: Mutable<RowEntry<K, V>> = new RowEntry<K, V>(null, 0, 0);

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
