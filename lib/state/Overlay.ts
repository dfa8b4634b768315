import { StreamsError } from '../errors.ts';
import { Cells } from './Cells.ts';
import { RowFormat } from './changelog.ts';
import type { RowEntry } from './RowEntry.ts';
import type { Row, RowBytes, RowStoreOptions } from './RowStore.ts';

/** Where entries lie, as the overlay sees it. */
export interface Entries<K, V> {
  /** Sets what operators see of an entry. */
  assign(entry: RowEntry<K, V>, row: Row<V> | undefined): void;
  /** The entry is as committed: nothing but its base is known of it any more. */
  settle(entry: RowEntry<K, V>): void;
}

/** One row in so many is measured, so that the overlay's size is known without encoding each. */
const sampleEvery = 64;
/** An entry's own cost beside its value. */
const entryBytes = 64;
const journalLimit = 1024;

/**
 * What changed since the last commit: the turn that can be undone, the rows written since the
 * last freeze, and those of the commit in flight. It lists entries; their versions lie in the
 * entries themselves.
 */
export class Overlay<K, V> {
  readonly format: RowFormat<K, V>;
  readonly cells: Cells = new Cells();
  readonly #options: RowStoreOptions<K, V>;
  readonly #entries: Entries<K, V>;
  #dirty: RowEntry<K, V>[] = [];
  #inFlight: RowEntry<K, V>[] | null = null;
  #rowBytes = 0;
  // The turn's journal: entries and what they held. Empty until a first turn begins: a store nobody
  // rolls back keeps none.
  #inTurn = false;
  #written = 0;
  #journal: RowEntry<K, V>[] = [];
  #before: (Row<V> | undefined)[] = [];

  constructor(options: RowStoreOptions<K, V>, entries: Entries<K, V>) {
    this.#options = options;
    this.#entries = entries;
    this.format = new RowFormat(options);
  }

  get isDirty(): boolean {
    return this.#dirty.length > 0 || this.cells.dirtyCount > 0;
  }

  get dirtyBytes(): number {
    return this.#dirty.length * (entryBytes + this.#rowBytes) + this.cells.dirtyCount * entryBytes;
  }

  /** Entries that are not, or not only, as committed. */
  *changed(): Generator<RowEntry<K, V>, void> {
    for (const entry of this.#inFlight ?? []) yield entry;
    for (const entry of this.#dirty) if (!entry.inFlight) yield entry;
  }

  write(entry: RowEntry<K, V>, row: Row<V> | undefined): void {
    if (this.#inTurn) {
      const at = this.#written++;
      this.#journal[at] = entry;
      this.#before[at] = entry.current;
    }
    if (!entry.dirty) {
      entry.dirty = true;
      const count = this.#dirty.push(entry);
      if (count % sampleEvery === 1 && row !== undefined) this.#sample(row.value);
    }
    this.#entries.assign(entry, row);
  }

  beginTurn(): void {
    this.#inTurn = true;
    this.#written = 0;
    if (this.#journal.length > journalLimit) {
      this.#journal = [];
      this.#before = [];
    }
    this.cells.beginTurn();
  }

  rollbackTurn(): void {
    for (let i = this.#written - 1; i >= 0; i--) {
      this.#entries.assign(this.#journal[i] as RowEntry<K, V>, this.#before[i]);
    }
    this.#written = 0;
    this.cells.rollbackTurn();
  }

  freeze(): readonly RowBytes[] {
    if (this.#inFlight !== null) {
      throw new StreamsError(
        'ILLEGAL_TRANSITION',
        `Store "${this.#options.name}" has a commit in flight: publish or discard it before the next freeze.`,
      );
    }
    // Encoding first: a value that cannot be encoded leaves everything as it was.
    const rows = this.#options.changelog ? this.#encodeDirty() : [];
    const inFlight: RowEntry<K, V>[] = [];
    for (const entry of this.#dirty) {
      entry.dirty = false;
      if (entry.current === entry.base) {
        this.#entries.settle(entry);
      } else {
        entry.frozen = entry.current;
        entry.inFlight = true;
        inFlight.push(entry);
      }
    }
    this.#dirty = [];
    this.#inFlight = inFlight;
    this.#endTurn();
    const cells: RowBytes[] = [];
    this.cells.freeze(cells);
    if (this.#options.changelog) rows.push(...cells);
    return rows;
  }

  publish(): void {
    const inFlight = this.#inFlight ?? [];
    this.#inFlight = null;
    for (const entry of inFlight) {
      entry.base = entry.frozen;
      entry.frozen = undefined;
      entry.inFlight = false;
      if (!entry.dirty) this.#entries.settle(entry);
    }
    this.cells.publish();
  }

  discard(): void {
    const changed = [...this.changed()];
    this.#inFlight = null;
    this.#dirty = [];
    this.#endTurn();
    for (const entry of changed) {
      entry.dirty = false;
      entry.inFlight = false;
      entry.frozen = undefined;
      this.#entries.assign(entry, entry.base);
      this.#entries.settle(entry);
    }
    this.cells.discard();
  }

  /** Forgets all entries, not what they hold. */
  clear(): void {
    this.#inFlight = null;
    this.#dirty = [];
    this.#endTurn();
    this.cells.clear();
  }

  #endTurn(): void {
    this.#inTurn = false;
    this.#written = 0;
  }

  #encodeDirty(): RowBytes[] {
    const rows: RowBytes[] = [];
    let bytes = 0;
    let values = 0;
    for (const entry of this.#dirty) {
      const { current } = entry;
      if (current === entry.base) continue;
      const row = this.#encode(entry, current);
      rows.push(row);
      if (row.value === null) continue;
      values++;
      bytes += row.key.length + row.value.length;
    }
    if (values > 0) this.#rowBytes = bytes / values;
    return rows;
  }

  #encode(entry: RowEntry<K, V>, row: Row<V> | undefined): RowBytes {
    try {
      return {
        key: this.format.encodeKey(entry.rows.key, entry.major, entry.minor),
        value: row === undefined ? null : this.format.encodeRow(row),
      };
    } catch (cause) {
      const code = cause instanceof StreamsError ? cause.code : 'KEY_TYPE';
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StreamsError(
        code,
        `Store "${this.#options.name}" cannot encode its row of key ${String(entry.rows.key)}: ${reason}`,
        { cause },
      );
    }
  }

  #sample(value: V): void {
    let bytes: number;
    try {
      bytes = this.#options.value.encode(value).length;
    } catch {
      // The freeze will say so, with the key.
      return;
    }
    this.#rowBytes = this.#rowBytes === 0 ? bytes : this.#rowBytes * 0.75 + bytes * 0.25;
  }
}
