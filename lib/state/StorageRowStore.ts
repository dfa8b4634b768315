import {
  bases,
  type CommittedRows,
  committedWalk,
  directed,
  inRange,
  ofKey,
} from './committedRows.ts';
import { Overlay } from './Overlay.ts';
import type { RowEntry } from './RowEntry.ts';
import type {
  ManagedStore,
  PlacedRow,
  Row,
  RowBytes,
  RowStoreOptions,
  StoreCell,
} from './RowStore.ts';
import { RowTable } from './RowTable.ts';
import type { SyncRows } from './StateStorage.ts';
import { StorageRows } from './StorageRows.ts';
import { merged, PlacedRows, type Walk } from './walks.ts';

/** Rows kept decoded though they are as committed. */
const cacheRows = 16_384;

/**
 * A store whose base is the task's storage: in memory are only what changed since the last
 * commit and a bounded cache, so state may be larger than memory.
 *
 * A commit's rows reach the base by the task's `TaskStorage.write`, before `publish`. In a
 * restore the task awaits that write of each chunk before the next one, and before the first
 * turn: until then a chunk is held in memory. A checkpoint's rows need no restoring: they are
 * the base.
 */
export class StorageRowStore<K, V> implements ManagedStore<K, V> {
  readonly options: RowStoreOptions<K, V>;
  readonly readsStorage = true;
  readonly #table: RowTable<K, V>;
  readonly #overlay: Overlay<K, V>;
  readonly #rows: StorageRows<K, V>;
  /** Entries as committed, oldest first: they go when there are too many. */
  #cached: RowEntry<K, V>[] = [];
  #evictedTo = 0;
  /** Restored, and perhaps not in the storage yet. */
  #pending = new Set<RowEntry<K, V>>();
  /** Read when first needed: a task may find its checkpoint of no use, and clear it, before. */
  #hasCells = false;
  /** Null until somebody asks: then it is counted once. */
  #size: number | null = null;
  /**
   * No row has a lower major: what a commit interval deletes is not walked over again and
   * again.
   */
  #floor = -Infinity;

  constructor(options: RowStoreOptions<K, V>, sync: SyncRows) {
    this.options = options;
    this.#table = new RowTable<K, V>(options);
    this.#overlay = new Overlay<K, V>(options, {
      assign: (entry, row) => this.#assign(entry, row),
      settle: (entry) => this.#cache(entry),
    });
    this.#rows = new StorageRows(sync, options, this.#overlay.format, this.#table);
  }

  get name(): string {
    return this.options.name;
  }

  get size(): number {
    if (this.#size === null) {
      let count = 0;
      const all = this.#rangeWalk(null, null, false);
      while (all.next() !== undefined) count++;
      this.#size = count;
    }
    return this.#size;
  }

  get isDirty(): boolean {
    return this.#overlay.isDirty;
  }

  get dirtyBytes(): number {
    return this.#overlay.dirtyBytes;
  }

  get(key: K, major: number, minor: number): Row<V> | undefined {
    return this.#load(key, major, minor).current;
  }

  put(key: K, major: number, minor: number, value: V, timestamp: number): void {
    this.#overlay.write(this.#load(key, major, minor), { value, timestamp });
  }

  delete(key: K, major: number, minor: number): void {
    const entry = this.#load(key, major, minor);
    if (entry.current !== undefined) this.#overlay.write(entry, undefined);
  }

  ofKey(
    key: K,
    fromMajor: number,
    toMajor: number,
    o?: { readonly reverse?: boolean },
  ): Iterable<PlacedRow<K, V>> {
    const reverse = o?.reverse ?? false;
    const memory = this.#table.ofKey(key, fromMajor, toMajor, reverse);
    return currents(
      merged(
        memory,
        this.#rows.ofKey(key, fromMajor, toMajor, reverse, 'current'),
        this.#byKey(reverse),
      ),
    );
  }

  range(
    from: K | null,
    to: K | null,
    o?: { readonly reverse?: boolean },
  ): Iterable<PlacedRow<K, V>> {
    return currents(this.#rangeWalk(from, to, o?.reverse ?? false));
  }

  prefix(bytes: Uint8Array): Iterable<PlacedRow<K, V>> {
    return currents(
      merged(this.#table.prefix(bytes), this.#rows.prefix(bytes, 'current'), this.#byKey(false)),
    );
  }

  byTime(
    fromMajor: number,
    toMajor: number,
    o?: { readonly reverse?: boolean },
  ): Iterable<PlacedRow<K, V>> {
    return currents(this.#timeWalk(fromMajor, toMajor, o?.reverse ?? false));
  }

  expire(before: number): void {
    if (before <= this.#floor) return;
    const due: PlacedRow<K, V>[] = [];
    for (const row of this.byTime(-Infinity, before - 1)) due.push(row);
    for (const { key, major, minor } of due) this.delete(key, major, minor);
    this.#floor = before;
  }

  cell(name: string): StoreCell {
    this.#readCells();
    return this.#overlay.cells.of(name);
  }

  beginTurn(): void {
    if (this.#pending.size > 0) this.#releasePending();
    this.#evict();
    this.#overlay.beginTurn();
  }

  rollbackTurn(): void {
    this.#overlay.rollbackTurn();
  }

  freeze(): readonly RowBytes[] {
    this.#releasePending();
    this.#evict();
    return this.#overlay.freeze();
  }

  publish(): void {
    this.#overlay.publish();
  }

  discard(): void {
    this.#overlay.discard();
  }

  restore(rows: readonly RowBytes[]): void {
    this.#releasePending();
    this.#evict();
    this.#readCells();
    for (const row of rows) this.#restoreOne(row);
  }

  /** The storage is the task's to clear. */
  clear(): void {
    this.#overlay.clear();
    this.#table.clear();
    this.#cached = [];
    this.#evictedTo = 0;
    this.#pending.clear();
    this.#size = null;
    this.#floor = -Infinity;
    this.#hasCells = false;
  }

  committed(): CommittedRows<K, V> {
    const table = this.#table;
    const overlay = this.#overlay;
    return {
      get: (key, major, minor) => {
        const entry = table.find(key, major, minor);
        return entry?.isKnown === true ? entry.base : this.#rows.get(key, major, minor);
      },
      ofKey: (key, from, to, o) => {
        const reverse = o?.reverse ?? false;
        const compare = this.#byKey(reverse);
        const live = table.ofKey(key, from, to, reverse);
        const memory = committedWalk(overlay, {
          live,
          isMeant: ofKey(table, key, from, to),
          compare,
        });
        return bases(merged(memory, this.#rows.ofKey(key, from, to, reverse, 'base'), compare));
      },
      range: (from, to, o) => {
        const reverse = o?.reverse ?? false;
        const compare = this.#byKey(reverse);
        const live = table.range(from, to, reverse);
        const memory = committedWalk(overlay, { live, isMeant: inRange(table, from, to), compare });
        return bases(merged(memory, this.#rows.range(from, to, reverse, 'base'), compare));
      },
      byTime: (from, to, o) => {
        const reverse = o?.reverse ?? false;
        const compare = directed<K, V>((a, b) => table.compareByTime(a, b), reverse);
        const live = table.byTime(from, to, reverse);
        const isMeant = (e: RowEntry<K, V>) => e.major >= from && e.major <= to;
        const memory = committedWalk(overlay, { live, isMeant, compare });
        return bases(merged(memory, this.#rows.byTime(from, to, reverse, 'base'), compare));
      },
    };
  }

  #readCells(): void {
    if (this.#hasCells) return;
    this.#hasCells = true;
    for (const row of this.#rows.cells()) this.#restoreOne(row);
  }

  /** The entry of a place, its base read. */
  #load(key: K, major: number, minor: number): RowEntry<K, V> {
    const entry = this.#table.open(key, major, minor);
    if (entry.isKnown) return entry;
    entry.base = this.#rows.get(key, major, minor);
    entry.isKnown = true;
    this.#table.assign(entry, entry.base);
    this.#cache(entry);
    return entry;
  }

  #assign(entry: RowEntry<K, V>, row: Row<V> | undefined): void {
    if (this.#size !== null) {
      this.#size += (row === undefined ? 0 : 1) - (entry.current === undefined ? 0 : 1);
    }
    if (row !== undefined && entry.major < this.#floor) this.#floor = entry.major;
    this.#table.assign(entry, row);
  }

  #restoreOne({ key, value }: RowBytes): void {
    const { format, cells } = this.#overlay;
    const place = format.decodeKey(key);
    if (place.kind === 'cell') {
      cells.restore(place.name, value === null ? undefined : format.decodeCell(value));
      return;
    }
    const row = value === null ? undefined : format.decodeRow(value);
    const entry =
      this.#size === null
        ? this.#table.open(place.key, place.major, place.minor)
        : this.#load(place.key, place.major, place.minor);
    entry.base = row;
    entry.isKnown = true;
    this.#pending.add(entry);
    if (!entry.dirty && !entry.inFlight) this.#assign(entry, row);
  }

  /** What was restored is in the storage by now. */
  #releasePending(): void {
    const pending = this.#pending;
    if (pending.size === 0) return;
    this.#pending = new Set();
    for (const entry of pending) this.#cache(entry);
  }

  #cache(entry: RowEntry<K, V>): void {
    this.#cached.push(entry);
  }

  /** Between turns alone: nobody holds an entry then. */
  #evict(): void {
    const cached = this.#cached;
    while (cached.length - this.#evictedTo > cacheRows) {
      const entry = cached[this.#evictedTo++] as RowEntry<K, V>;
      // It will be cached anew when its commit is through.
      if (entry.dirty || entry.inFlight || this.#pending.has(entry) || !entry.isKnown) continue;
      entry.isKnown = false;
      entry.base = undefined;
      this.#table.assign(entry, undefined);
      this.#table.forget(entry);
    }
    if (this.#evictedTo > cacheRows) {
      this.#cached = cached.slice(this.#evictedTo);
      this.#evictedTo = 0;
    }
  }

  #rangeWalk(from: K | null, to: K | null, reverse: boolean): Walk<RowEntry<K, V>> {
    return merged(
      this.#table.range(from, to, reverse),
      this.#rows.range(from, to, reverse, 'current'),
      this.#byKey(reverse),
    );
  }

  #timeWalk(from: number, to: number, reverse: boolean): Walk<RowEntry<K, V>> {
    const begin = Math.max(from, this.#floor);
    const walk = merged(
      this.#table.byTime(begin, to, reverse),
      this.#rows.byTime(begin, to, reverse, 'current'),
      directed<K, V>((a, b) => this.#table.compareByTime(a, b), reverse),
    );
    if (reverse || from > this.#floor) return walk;
    let first = walk.next();
    if (first !== undefined) this.#floor = first.major;
    else if (to < Infinity) this.#floor = Math.max(this.#floor, Math.floor(to) + 1);
    return {
      next() {
        const entry = first ?? walk.next();
        first = undefined;
        return entry;
      },
    };
  }

  #byKey(reverse: boolean): (a: RowEntry<K, V>, b: RowEntry<K, V>) => number {
    return directed<K, V>((a, b) => this.#table.compareByKey(a, b), reverse);
  }
}

function currents<K, V>(entries: Walk<RowEntry<K, V>>): Iterable<PlacedRow<K, V>> {
  return new PlacedRows(entries, (entry) => entry.current);
}
