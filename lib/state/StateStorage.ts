import type { RowBytes } from './RowStore.ts';

/**
 * Where checkpoints outlive the process (or, in memory, the task): one folder, database or map
 * for an application. Adapters: memory (default), `rxkstreams/idb`, `rxkstreams/lmdb`; all pass
 * `storageSuite`.
 */
export interface StateStorage {
  /** Opens the checkpoint of one task; one holder at a time. */
  open(task: string): Promise<TaskStorage>;
  /** Tasks that have a checkpoint here. */
  tasks(): Promise<readonly string[]>;
  /** Deletes a task's checkpoint. */
  wipe(task: string): Promise<void>;
  close(): Promise<void>;
}

/** What is known of a store's checkpoint. */
export interface StoreCheckpoint {
  /** The changelog offset after the last record whose row is in here. */
  readonly offset: number;
  /**
   * Wall-clock time of the write: a checkpoint older than the changelog's `delete.retention.ms`
   * is useless.
   */
  readonly writtenAtMs: number;
}

/** Rows of some stores with their changelog offsets: written as one, or not at all. */
export interface CheckpointWrite {
  readonly stores: readonly {
    readonly store: string;
    readonly rows: readonly RowBytes[];
    readonly checkpoint: StoreCheckpoint;
  }[];
}

export interface TaskStorage {
  /** Null: no checkpoint. Rejects with StateCorruptError when there is one that cannot be read. */
  checkpoint(store: string): Promise<StoreCheckpoint | null>;
  /** All rows of a store, in bounded chunks. */
  rows(store: string): AsyncIterable<readonly RowBytes[]>;
  write(batch: CheckpointWrite): Promise<void>;
  /** Forgets one store. */
  clear(store: string): Promise<void>;
  /**
   * Reads without waiting, where the storage can: then a store keeps only its overlay in memory
   * (larger than memory).
   */
  readonly sync?: SyncRows;
  close(): Promise<void>;
}

/**
 * Ordered synchronous reads of committed rows, by the bytes of their keys. What `write` has
 * resolved is seen; what it is still writing may be.
 */
export interface SyncRows {
  get(store: string, key: Uint8Array): Uint8Array | undefined;
  /** From `from` (inclusive) to `to` (exclusive; null: the end), in order of bytes. */
  range(
    store: string,
    from: Uint8Array,
    to: Uint8Array | null,
    o?: { readonly reverse?: boolean },
  ): Iterable<RowBytes>;
  /** Keeps the store's rows in order of time too, from now on and those already there. */
  indexTime(store: string): void;
  /** Rows by (major, key, minor), majors inclusive; only of stores with that index. */
  timeRange(
    store: string,
    fromMajor: number,
    toMajor: number,
    o?: { readonly reverse?: boolean },
  ): Iterable<RowBytes>;
}
