import { StreamsError } from '../errors.ts';
import { heldError } from './heldError.ts';
import { latin1 } from './KeyOrder.ts';
import type { RowBytes } from './RowStore.ts';
import type {
  CheckpointWrite,
  StateStorage,
  StoreCheckpoint,
  TaskStorage,
} from './StateStorage.ts';

interface StoredStore {
  rows: Map<string, RowBytes>;
  checkpoint: StoreCheckpoint | null;
}

interface StoredTask {
  readonly stores: Map<string, StoredStore>;
  isOpen: boolean;
}

/** Rows in a chunk of `rows()`. */
const chunkRows = 1000;

/**
 * Checkpoints in memory: they outlive a task and an app, not the process. For tests, and for
 * apps that restore from their changelogs at each start.
 *
 * @example
 * import { memoryStorage } from 'rxkstreams';
 *
 * const state = memoryStorage();
 * const task = await state.open('0_0');
 * await task.checkpoint('spend'); // => null
 * await task.close();
 */
export function memoryStorage(): StateStorage {
  const tasks = new Map<string, StoredTask>();
  return {
    open(name) {
      const task = tasks.get(name) ?? { stores: new Map(), isOpen: false };
      if (task.isOpen) return Promise.reject(heldError(name));
      tasks.set(name, task);
      task.isOpen = true;
      return Promise.resolve(new MemoryTaskStorage(task, name));
    },
    tasks() {
      const kept = [...tasks].filter(([, task]) => task.stores.size > 0);
      return Promise.resolve(kept.map(([name]) => name).sort());
    },
    wipe(name) {
      if (tasks.get(name)?.isOpen === true) return Promise.reject(heldError(name));
      tasks.delete(name);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

class MemoryTaskStorage implements TaskStorage {
  readonly #task: StoredTask;
  readonly #name: string;
  #isClosed = false;

  constructor(task: StoredTask, name: string) {
    this.#task = task;
    this.#name = name;
  }

  async checkpoint(store: string): Promise<StoreCheckpoint | null> {
    this.#check();
    return this.#task.stores.get(store)?.checkpoint ?? null;
  }

  async *rows(store: string): AsyncIterable<readonly RowBytes[]> {
    this.#check();
    let chunk: RowBytes[] = [];
    for (const row of this.#task.stores.get(store)?.rows.values() ?? []) {
      chunk.push(row);
      if (chunk.length < chunkRows) continue;
      yield chunk;
      chunk = [];
    }
    if (chunk.length > 0) yield chunk;
  }

  async write(batch: CheckpointWrite): Promise<void> {
    this.#check();
    for (const { store, rows, checkpoint } of batch.stores) {
      const stored = this.#task.stores.get(store) ?? { rows: new Map(), checkpoint: null };
      this.#task.stores.set(store, stored);
      for (const { key, value } of rows) {
        if (value === null) stored.rows.delete(latin1(key));
        else stored.rows.set(latin1(key), { key: owned(key), value: owned(value) });
      }
      stored.checkpoint = checkpoint;
    }
  }

  async clear(store: string): Promise<void> {
    this.#check();
    this.#task.stores.delete(store);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#task.isOpen = false;
  }

  #check(): void {
    if (!this.#isClosed) return;
    throw new StreamsError('CLIENT_CLOSED', 'This checkpoint was closed: open it again.', {
      place: { task: this.#name },
    });
  }
}

/** Rows of a changelog are views of a fetched batch: kept as they are they would keep all of it. */
function owned(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
