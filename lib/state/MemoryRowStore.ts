import { committedRows } from './committedRows.ts';
import { Overlay } from './Overlay.ts';
import type { RowEntry } from './RowEntry.ts';
import type {
  ManagedStore,
  PlacedRow,
  Row,
  RowBytes,
  RowStore,
  RowStoreOptions,
  StoreCell,
} from './RowStore.ts';
import { RowTable } from './RowTable.ts';
import { PlacedRows, type Walk } from './walks.ts';

/**
 * A store that is wholly in memory. Values are kept as they are and encoded at the commit, once
 * a row: whoever puts a value must not change it afterwards.
 */
export class MemoryRowStore<K, V> implements ManagedStore<K, V> {
  readonly options: RowStoreOptions<K, V>;
  readonly readsStorage = false;
  readonly #table: RowTable<K, V>;
  readonly #overlay: Overlay<K, V>;

  constructor(options: RowStoreOptions<K, V>) {
    this.options = options;
    const table = new RowTable<K, V>(options);
    this.#table = table;
    this.#overlay = new Overlay<K, V>(options, {
      assign: (entry, row) => table.assign(entry, row),
      settle(entry) {
        if (entry.isVoid) table.forget(entry);
      },
    });
  }

  get name(): string {
    return this.options.name;
  }

  get size(): number {
    return this.#table.size;
  }

  get isDirty(): boolean {
    return this.#overlay.isDirty;
  }

  get dirtyBytes(): number {
    return this.#overlay.dirtyBytes;
  }

  get(key: K, major: number, minor: number): Row<V> | undefined {
    return this.#table.live(key, major, minor)?.current;
  }

  put(key: K, major: number, minor: number, value: V, timestamp: number): void {
    this.#overlay.write(this.#table.place(key, major, minor), { value, timestamp });
  }

  delete(key: K, major: number, minor: number): void {
    const entry = this.#table.live(key, major, minor);
    if (entry !== undefined) this.#overlay.write(entry, undefined);
  }

  ofKey(
    key: K,
    fromMajor: number,
    toMajor: number,
    o?: { readonly reverse?: boolean },
  ): Iterable<PlacedRow<K, V>> {
    return placed(this.#table.ofKey(key, fromMajor, toMajor, o?.reverse ?? false));
  }

  range(
    from: K | null,
    to: K | null,
    o?: { readonly reverse?: boolean },
  ): Iterable<PlacedRow<K, V>> {
    return placed(this.#table.range(from, to, o?.reverse ?? false));
  }

  prefix(bytes: Uint8Array): Iterable<PlacedRow<K, V>> {
    return placed(this.#table.prefix(bytes));
  }

  byTime(
    fromMajor: number,
    toMajor: number,
    o?: { readonly reverse?: boolean },
  ): Iterable<PlacedRow<K, V>> {
    return placed(this.#table.byTime(fromMajor, toMajor, o?.reverse ?? false));
  }

  expire(before: number): void {
    for (;;) {
      const entry = this.#table.anyBefore(before);
      if (entry === undefined) return;
      this.#overlay.write(entry, undefined);
    }
  }

  cell(name: string): StoreCell {
    return this.#overlay.cells.of(name);
  }

  beginTurn(): void {
    this.#overlay.beginTurn();
  }

  rollbackTurn(): void {
    this.#overlay.rollbackTurn();
  }

  freeze(): readonly RowBytes[] {
    return this.#overlay.freeze();
  }

  publish(): void {
    this.#overlay.publish();
  }

  discard(): void {
    this.#overlay.discard();
  }

  restore(rows: readonly RowBytes[]): void {
    const { format, cells } = this.#overlay;
    for (const { key, value } of rows) {
      const place = format.decodeKey(key);
      if (place.kind === 'cell') {
        cells.restore(place.name, value === null ? undefined : format.decodeCell(value));
        continue;
      }
      const row = value === null ? undefined : format.decodeRow(value);
      this.#restoreRow(place.key, place.major, place.minor, row);
    }
  }

  clear(): void {
    this.#overlay.clear();
    this.#table.clear();
  }

  committed(): Pick<RowStore<K, V>, 'get' | 'ofKey' | 'range' | 'byTime'> {
    return committedRows(this.#table, this.#overlay);
  }

  #restoreRow(key: K, major: number, minor: number, row: Row<V> | undefined): void {
    if (row === undefined && this.#table.find(key, major, minor) === undefined) return;
    const entry = this.#table.open(key, major, minor);
    entry.base = row;
    if (entry.dirty || entry.inFlight) return;
    this.#table.assign(entry, row);
    if (row === undefined) this.#table.forget(entry);
  }
}

function placed<K, V>(entries: Walk<RowEntry<K, V>>): Iterable<PlacedRow<K, V>> {
  return new PlacedRows(entries, current);
}

function current<V>(entry: RowEntry<unknown, V>): Row<V> | undefined {
  return entry.current;
}
