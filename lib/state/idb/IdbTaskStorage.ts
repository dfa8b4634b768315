import { get } from 'idb-keyval';
import { StateCorruptError, StreamsError } from '../../errors.ts';
import {
  behind,
  decodeCheckpoint,
  encodeCheckpoint,
  joined,
  sectionPrefix,
} from '../checkpointKeys.ts';
import type { RowBytes } from '../RowStore.ts';
import type { CheckpointWrite, StoreCheckpoint, TaskStorage } from '../StateStorage.ts';
import { answer, done, type IdbObjectStore, type IdbPlatform, type IdbStore } from './platform.ts';

const chunkRows = 1000;

/** The checkpoint of one task in one IndexedDB database. */
export class IdbTaskStorage implements TaskStorage {
  readonly #database: IdbStore;
  readonly #idb: IdbPlatform;
  readonly #task: string;
  readonly #onClose: () => void;
  #closing: Promise<void> | null = null;

  constructor(database: IdbStore, idb: IdbPlatform, task: string, onClose: () => void) {
    this.#database = database;
    this.#idb = idb;
    this.#task = task;
    this.#onClose = onClose;
  }

  async checkpoint(store: string): Promise<StoreCheckpoint | null> {
    this.#check();
    const key = sectionPrefix(store, 'checkpoint') as Uint8Array<ArrayBuffer>;
    const bytes: unknown = await get(key, this.#database.use);
    return bytes === undefined ? null : decodeCheckpoint(asBytes(bytes), this.#task, store);
  }

  async *rows(store: string): AsyncIterable<readonly RowBytes[]> {
    this.#check();
    const prefix = sectionPrefix(store, 'rows');
    const end = behind(prefix);
    let last: Uint8Array | null = null;
    for (;;) {
      const range: unknown = this.#idb.keyRange.bound(last ?? prefix, end, last !== null, true);
      const [keys, values] = await this.#database.run('readonly', (objects) =>
        Promise.all([
          answer(objects.getAllKeys(range, chunkRows)),
          answer(objects.getAll(range, chunkRows)),
        ]),
      );
      const chunk = keys.map((key, i) => {
        const bytes = asBytes(key);
        last = bytes;
        return { key: bytes.subarray(prefix.length), value: this.#value(values[i], store) };
      });
      if (chunk.length > 0) yield chunk;
      if (chunk.length < chunkRows) return;
    }
  }

  async write(batch: CheckpointWrite): Promise<void> {
    this.#check();
    await this.#database.run('readwrite', (objects) => {
      try {
        put(objects, batch);
      } catch (error) {
        // What was put before would be committed.
        objects.transaction.abort();
        throw error;
      }
      return done(objects);
    });
  }

  async clear(store: string): Promise<void> {
    this.#check();
    await this.#database.run('readwrite', (objects) => {
      for (const section of ['checkpoint', 'rows'] as const) {
        const prefix = sectionPrefix(store, section);
        objects.delete(this.#idb.keyRange.bound(prefix, behind(prefix), false, true));
      }
      return done(objects);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#database.close().then(() => this.#onClose());
    return this.#closing;
  }

  #value(value: unknown, store: string): Uint8Array {
    if (ArrayBuffer.isView(value)) return asBytes(value);
    throw new StateCorruptError(
      `The checkpoint of store "${store}" holds something that is no row: wipe it, the changelog has all of it.`,
      { place: { task: this.#task } },
    );
  }

  #check(): void {
    if (this.#closing === null) return;
    throw new StreamsError('CLIENT_CLOSED', 'This checkpoint was closed: open it again.', {
      place: { task: this.#task },
    });
  }
}

function put(objects: IdbObjectStore, batch: CheckpointWrite): void {
  for (const { store, rows, checkpoint } of batch.stores) {
    const prefix = sectionPrefix(store, 'rows');
    for (const { key, value } of rows) {
      if (value === null) objects.delete(joined(prefix, key));
      else objects.put(value, joined(prefix, key));
    }
    objects.put(encodeCheckpoint(checkpoint), sectionPrefix(store, 'checkpoint'));
  }
}

/** IndexedDB answers keys as buffers, values as they were put. */
function asBytes(value: unknown): Uint8Array {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return value instanceof ArrayBuffer ||
    Object.prototype.toString.call(value) === '[object ArrayBuffer]'
    ? new Uint8Array(value as ArrayBuffer)
    : new Uint8Array();
}
