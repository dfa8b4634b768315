import {
  cellRow,
  placedKey,
  placedPrefix,
  plainRow,
  prefixed,
  type RowFormat,
} from './changelog.ts';
import { behind, joined } from './checkpointKeys.ts';
import { RowEntry } from './RowEntry.ts';
import type { Row, RowBytes, RowStoreOptions } from './RowStore.ts';
import type { RowTable } from './RowTable.ts';
import type { SyncRows } from './StateStorage.ts';
import { merged, type Walk } from './walks.ts';

/**
 * A store's rows in a storage, decoded. Where the table knows a place, a walk answers the
 * table's entry, if that has a row in the version asked for.
 */
export class StorageRows<K, V> {
  readonly #sync: SyncRows;
  readonly #options: RowStoreOptions<K, V>;
  readonly #format: RowFormat<K, V>;
  readonly #table: RowTable<K, V>;
  readonly #compareByKey: (a: RowEntry<K, V>, b: RowEntry<K, V>) => number;

  constructor(
    sync: SyncRows,
    options: RowStoreOptions<K, V>,
    format: RowFormat<K, V>,
    table: RowTable<K, V>,
  ) {
    this.#sync = sync;
    this.#options = options;
    this.#format = format;
    this.#table = table;
    this.#compareByKey = (a, b) => table.compareByKey(a, b);
    if (options.timeIndex) sync.indexTime(options.name);
  }

  get(key: K, major: number, minor: number): Row<V> | undefined {
    const bytes = this.#sync.get(this.#options.name, this.#format.encodeKey(key, major, minor));
    return bytes === undefined ? undefined : this.#format.decodeRow(bytes);
  }

  *cells(): Iterable<RowBytes> {
    yield* this.#sync.range(this.#options.name, Uint8Array.of(cellRow), Uint8Array.of(cellRow + 1));
  }

  ofKey(
    key: K,
    from: number,
    to: number,
    reverse: boolean,
    version: Version,
  ): Walk<RowEntry<K, V>> {
    const bytes = this.#options.key.encode(key);
    const plain = prefixed(plainRow, bytes);
    const isPlainMeant = from <= 0 && to >= 0;
    return this.#both(
      isPlainMeant ? { from: plain, to: joined(plain, Uint8Array.of(0)) } : null,
      { from: placedKey(bytes, from, -Infinity), to: placedKey(bytes, to, Infinity) },
      reverse,
      version,
    );
  }

  range(from: K | null, to: K | null, reverse: boolean, version: Version): Walk<RowEntry<K, V>> {
    const low = from === null ? null : this.#options.key.encode(from);
    const high = to === null ? null : this.#options.key.encode(to);
    return this.#both(
      {
        from: low === null ? Uint8Array.of(plainRow) : prefixed(plainRow, low),
        to:
          high === null
            ? Uint8Array.of(plainRow + 1)
            : joined(prefixed(plainRow, high), Uint8Array.of(0)),
      },
      {
        from: low === null ? Uint8Array.of(2) : placedPrefix(low),
        to: high === null ? Uint8Array.of(3) : behind(placedPrefix(high)),
      },
      reverse,
      version,
    );
  }

  prefix(bytes: Uint8Array, version: Version): Walk<RowEntry<K, V>> {
    const plain = prefixed(plainRow, bytes);
    // Without the two bytes that end a whole key.
    const placed = placedPrefix(bytes).slice(0, -2);
    return this.#both(
      { from: plain, to: behind(plain) },
      { from: placed, to: behind(placed) },
      false,
      version,
    );
  }

  byTime(from: number, to: number, reverse: boolean, version: Version): Walk<RowEntry<K, V>> {
    return this.#decoded(this.#sync.timeRange(this.#options.name, from, to, { reverse }), version);
  }

  #both(
    plain: Bounds | null,
    placed: Bounds,
    reverse: boolean,
    version: Version,
  ): Walk<RowEntry<K, V>> {
    const read = ({ from, to }: Bounds) =>
      this.#decoded(this.#sync.range(this.#options.name, from, to, { reverse }), version);
    if (plain === null) return read(placed);
    const compare = this.#compareByKey;
    return merged(read(plain), read(placed), reverse ? (a, b) => compare(b, a) : compare);
  }

  #decoded(rows: Iterable<RowBytes>, version: Version): Walk<RowEntry<K, V>> {
    const iterator = rows[Symbol.iterator]();
    return {
      next: () => {
        for (;;) {
          const { done, value } = iterator.next();
          if (done === true) return undefined;
          const entry = this.#entryOf(value, version);
          if (entry !== undefined) return entry;
        }
      },
    };
  }

  /** The table's entry where it knows the place, else one that is in no table. */
  #entryOf({ key, value }: RowBytes, version: Version): RowEntry<K, V> | undefined {
    const place = this.#format.decodeKey(key);
    if (place.kind === 'cell' || value === null) return undefined;
    const { major, minor } = place;
    const known = this.#table.find(place.key, major, minor);
    if (known?.isKnown === true) return known[version] === undefined ? undefined : known;
    const rows = this.#table.strayRows(place.key);
    const entry = major === 0 && minor === 0 ? rows : new RowEntry(rows, major, minor);
    entry.base = this.#format.decodeRow(value);
    entry.current = entry.base;
    return entry;
  }
}

/** Which of an entry's versions a walk is about. */
export type Version = 'current' | 'base';

interface Bounds {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}
