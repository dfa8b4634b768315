import type { Serde } from '../serde/Serde.ts';

/**
 * A row of a store: a value and its event time.
 */
export interface Row<V> {
  readonly value: V;
  readonly timestamp: number;
}

/** Where a row lies, with its row. */
export interface PlacedRow<K, V> extends Row<V> {
  readonly key: K;
  readonly major: number;
  readonly minor: number;
}

/**
 * The one thing all stores are: rows placed by a key and two numbers, in order, with what
 * changed since the last commit as an overlay on the committed base. The views on it give the
 * numbers their meaning:
 *
 * | store | major | minor |
 * | --- | --- | --- |
 * | key-value | 0 | 0 |
 * | window | window start | 0 |
 * | session | session end | session start |
 * | versioned | valid from | 0 |
 * | join buffer | timestamp | sequence |
 * | suppress buffer | due time | sequence |
 *
 * All is synchronous. Key order is the order of the encoded keys' bytes. Bounds are inclusive.
 * Iterables are live only until the next write: copy what you keep.
 */
export interface RowStore<K, V> {
  readonly name: string;
  get(key: K, major: number, minor: number): Row<V> | undefined;
  put(key: K, major: number, minor: number, value: V, timestamp: number): void;
  delete(key: K, major: number, minor: number): void;
  /** The rows of one key, by (major, minor). */
  ofKey(
    key: K,
    fromMajor: number,
    toMajor: number,
    o?: { readonly reverse?: boolean },
  ): Iterable<PlacedRow<K, V>>;
  /** Rows by (key, major, minor); null bounds are open. */
  range(
    from: K | null,
    to: K | null,
    o?: { readonly reverse?: boolean },
  ): Iterable<PlacedRow<K, V>>;
  /** Rows by (key, major, minor) whose encoded key begins with these bytes. */
  prefix(bytes: Uint8Array): Iterable<PlacedRow<K, V>>;
  /** Rows by (major, key, minor): only of stores opened with `timeIndex`. */
  byTime(
    fromMajor: number,
    toMajor: number,
    o?: { readonly reverse?: boolean },
  ): Iterable<PlacedRow<K, V>>;
  /**
   * Deletes the rows with major < `before`; only of stores opened with `timeIndex`. Amortised:
   * a row is looked at once.
   */
  expire(before: number): void;
  /** Numbers that go through turns and commits as the rows do. */
  cell(name: string): StoreCell;
  /** Number of rows, exact. */
  readonly size: number;
}

export interface RowStoreOptions<K, V> {
  readonly name: string;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** Keeps rows ordered by `major` across keys too. */
  readonly timeIndex: boolean;
  /** False: rows are lost with the process (nothing in a changelog, nothing in a checkpoint). */
  readonly changelog: boolean;
}

/** A row as bytes, on its way to the changelog and the checkpoint; a null value deletes. */
export interface RowBytes {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/**
 * A few numbers of an operator that live and die with its store: its stream time. `set` costs
 * nothing worth counting; the numbers join the store's rows at each commit when they changed.
 */
export interface StoreCell {
  get(): readonly number[] | undefined;
  set(numbers: readonly number[]): void;
}

/** What the task does with a store, whatever its kind. Operators do not see this. */
export interface ManagedStore<K, V> extends RowStore<K, V> {
  readonly options: RowStoreOptions<K, V>;
  /**
   * True: the base is the task's storage itself, so a checkpoint's rows need no loading into
   * the store; only those of the changelog are restored, each chunk written to the storage
   * before the next.
   */
  readonly readsStorage: boolean;

  // ---- a record's turn
  /** Begins a turn: what is written from now on can be undone, what was written before cannot. */
  beginTurn(): void;
  /** Undoes the turn's writes. */
  rollbackTurn(): void;

  // ---- a commit; one at a time
  /** Bytes (estimated) of what has changed since the last freeze. */
  readonly dirtyBytes: number;
  readonly isDirty: boolean;
  /**
   * Sets aside what changed since the last freeze, and answers it: one `RowBytes` a row and
   * changed cell. Writes go on into a fresh overlay; reads see both.
   */
  freeze(): readonly RowBytes[];
  /** The frozen rows are committed: they join the base. */
  publish(): void;
  /** The commit failed: frozen and active changes are forgotten; reads see the base alone. */
  discard(): void;

  // ---- restoring
  /**
   * Rows from a checkpoint or the changelog, into the base. Rejects what it cannot decode with
   * StateCorruptError.
   */
  restore(rows: readonly RowBytes[]): void;
  /** Forgets everything. */
  clear(): void;

  /** The committed rows alone, for queries. */
  committed(): Pick<RowStore<K, V>, 'get' | 'ofKey' | 'range' | 'byTime'>;
}
