import type { Database } from 'lmdb';
import { StreamsError } from '../../errors.ts';
import { timeKey } from '../changelog.ts';
import {
  behind,
  decodeCheckpoint,
  encodeCheckpoint,
  joined,
  sectionPrefix,
} from '../checkpointKeys.ts';
import type { RowBytes } from '../RowStore.ts';
import type { CheckpointWrite, StoreCheckpoint, TaskStorage } from '../StateStorage.ts';
import { LmdbRows } from './LmdbRows.ts';

type Bytes = Uint8Array;

const chunkRows = 1000;
/** LMDB's own limit is 4,026 with pages of 8 KiB; some of it are the store's name and marks. */
const keyLimitBytes = 4026;

/** The checkpoint of one task in one LMDB environment. */
export class LmdbTaskStorage implements TaskStorage {
  readonly sync: LmdbRows;
  readonly #db: Database<Bytes, Bytes>;
  readonly #task: string;
  readonly #folder: string;
  readonly #onClose: () => Promise<void>;
  #closing: Promise<void> | null = null;
  /** A write failed: LMDB waits for it for ever. */
  #isBroken = false;

  constructor(
    db: Database<Bytes, Bytes>,
    task: string,
    folder: string,
    onClose: () => Promise<void>,
  ) {
    this.#db = db;
    this.#task = task;
    this.#folder = folder;
    this.#onClose = onClose;
    this.sync = new LmdbRows(db);
  }

  async checkpoint(store: string): Promise<StoreCheckpoint | null> {
    this.#check();
    const bytes = this.#db.getBinary(sectionPrefix(store, 'checkpoint'));
    return bytes === undefined ? null : decodeCheckpoint(bytes, this.#task, store);
  }

  async *rows(store: string): AsyncIterable<readonly RowBytes[]> {
    this.#check();
    let chunk: RowBytes[] = [];
    for (const row of this.sync.range(store, new Uint8Array(), null)) {
      chunk.push(row);
      if (chunk.length < chunkRows) continue;
      yield chunk;
      chunk = [];
    }
    if (chunk.length > 0) yield chunk;
  }

  async write(batch: CheckpointWrite): Promise<void> {
    this.#check();
    this.#checkKeys(batch);
    const db = this.#db;
    // Writes of one turn of the event loop are one transaction, made by another thread.
    await this.#batch(() => {
      for (const { store, rows, checkpoint } of batch.stores) {
        const prefix = sectionPrefix(store, 'rows');
        const times = this.sync.isTimed(store) ? sectionPrefix(store, 'times') : null;
        for (const { key, value } of rows) {
          const time = times === null ? null : timeKey(key);
          if (value === null) {
            db.remove(joined(prefix, key));
            if (time !== null) db.remove(joined(times as Bytes, time));
          } else {
            db.put(joined(prefix, key), value);
            if (time !== null) db.put(joined(times as Bytes, time), new Uint8Array());
          }
        }
        db.put(sectionPrefix(store, 'checkpoint'), encodeCheckpoint(checkpoint));
      }
    });
    // What is read from now on in this turn must be what was just committed.
    db.resetReadTxn();
  }

  async clear(store: string): Promise<void> {
    this.#check();
    const db = this.#db;
    for (const section of ['checkpoint', 'rows', 'times'] as const) {
      const start = sectionPrefix(store, section);
      const keys = [...db.getKeys({ start, end: behind(start) })];
      await this.#batch(() => {
        for (const key of keys) db.remove(key);
      });
    }
    db.resetReadTxn();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = this.#db.close();
    if (this.#isBroken) closed.catch(told);
    else await closed;
    await this.#onClose();
  }

  async #batch(write: () => void): Promise<void> {
    try {
      await this.#db.batch(write);
    } catch (error) {
      this.#isBroken = true;
      throw await this.#failed(error);
    }
  }

  /** What LMDB says of a failed commit hangs on its error as a promise. */
  async #failed(error: unknown): Promise<StreamsError> {
    const { commitError = error } = error as { readonly commitError?: unknown };
    const cause = await Promise.resolve(commitError).catch((reason: unknown) => reason);
    const text = cause instanceof Error ? cause.message : String(cause);
    return new StreamsError(
      'STORAGE_FAILED',
      `The checkpoint in ${this.#folder} cannot be written: ${text}. Is the disk full? Make room, or give the storage another path; what was not committed is done again by the next start.`,
      { place: { task: this.#task }, cause },
    );
  }

  #check(): void {
    if (this.#closing === null) return;
    throw new StreamsError('CLIENT_CLOSED', 'This checkpoint was closed: open it again.', {
      place: { task: this.#task },
    });
  }

  #checkKeys(batch: CheckpointWrite): void {
    for (const { store, rows } of batch.stores) {
      // With time's key, which is as long, and the store's mark.
      const limit = keyLimitBytes - sectionPrefix(store, 'rows').length;
      for (const { key } of rows) {
        if (key.length <= limit) continue;
        throw new StreamsError(
          'NOT_SUPPORTED',
          `Store "${store}" has a key of ${key.length} bytes, LMDB's have at most ${limit}: ` +
            'give it shorter keys, or the app another storage.',
          { place: { task: this.#task } },
        );
      }
    }
  }
}

/** Somebody else tells of it. */
function told(): void {}
