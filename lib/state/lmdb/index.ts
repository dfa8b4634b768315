import fs from 'node:fs/promises';
import path from 'node:path';
import { type Database, open } from 'lmdb';
import { StateCorruptError, StreamsError } from '../../errors.ts';
import type { StateStorage, TaskStorage } from '../StateStorage.ts';
import { LmdbTaskStorage } from './LmdbTaskStorage.ts';
import { lockFolder } from './lock.ts';

export interface LmdbStorageOptions {
  /** A folder: it gets one for each task of each application. */
  readonly path: string;
  /** Address space to begin with, for each task; grows by itself. */
  readonly mapSizeBytes?: number;
}

/**
 * Checkpoints in LMDB, one environment a task: stores then keep only what changed since the
 * last commit and a bounded cache in memory, and read the rest from there, so state may be
 * larger than memory. Node only.
 *
 * A write is one transaction with its changelog offsets: after a crash all of it is there or
 * nothing. Encoded keys longer than 3,900 bytes are refused (LMDB's limit).
 *
 * @example
 * import { lmdbStorage } from 'rxkstreams/lmdb';
 *
 * const state = lmdbStorage({ path: './no-state-yet' });
 * await state.tasks(); // => []
 */
export function lmdbStorage(options: LmdbStorageOptions): StateStorage {
  if (typeof options?.path !== 'string' || options.path === '') {
    throw new StreamsError(
      'INVALID_OPTION',
      "lmdbStorage: it has no path; give a folder, as in lmdbStorage({ path: './state' }).",
    );
  }
  const opened = new Set<TaskStorage>();
  const folderOf = (task: string) => path.join(options.path, encodeURIComponent(task));
  return {
    async open(task) {
      const folder = folderOf(task);
      await makeFolder(folder, task);
      const unlock = await lockFolder(folder, task);
      try {
        await checkFile(path.join(folder, fileName), task);
        const db = openEnvironment(folder, task, options);
        const storage = new LmdbTaskStorage(db, task, folder, async () => {
          opened.delete(storage);
          await unlock();
        });
        opened.add(storage);
        return storage;
      } catch (error) {
        await unlock();
        throw error;
      }
    },
    async tasks() {
      const entries = await fs.readdir(options.path, { withFileTypes: true }).catch(() => []);
      const folders = entries.filter((entry) => entry.isDirectory());
      return folders.map((entry) => decodeURIComponent(entry.name)).sort();
    },
    async wipe(task) {
      const folder = folderOf(task);
      const isThere = await fs.stat(folder).catch(() => null);
      if (isThere === null) return;
      const unlock = await lockFolder(folder, task);
      await fs.rm(folder, { recursive: true, force: true }).finally(unlock);
    },
    async close() {
      await Promise.all([...opened].map((storage) => storage.close()));
    },
  };
}

const fileName = 'data.mdb';
/** With pages of this size keys may be longest. */
const pageSize = 8192;
/** Both of LMDB's first pages hold these bytes there. */
const magic = [0xde, 0xc0, 0xef, 0xbe];
const magicAt = 24;

async function makeFolder(folder: string, task: string): Promise<void> {
  try {
    await fs.mkdir(folder, { recursive: true });
  } catch (error) {
    throw new StreamsError(
      'INVALID_OPTION',
      `lmdbStorage: the folder ${folder} cannot be made: ${(error as Error).message}. Give a path this process may write to.`,
      { place: { task }, cause: error },
    );
  }
}

function openEnvironment(
  folder: string,
  task: string,
  options: LmdbStorageOptions,
): Database<Uint8Array, Uint8Array> {
  try {
    return open<Uint8Array, Uint8Array>({
      path: path.join(folder, fileName),
      noSubdir: true,
      keyEncoding: 'binary',
      encoding: 'binary',
      pageSize,
      // All writes are batches of ours; LMDB's own would leave a rejection that nobody can handle.
      eventTurnBatching: false,
      ...(options.mapSizeBytes === undefined ? {} : { mapSize: options.mapSizeBytes }),
    });
  } catch (cause) {
    throw corrupt(task, cause);
  }
}

/** LMDB maps what it is given: a file that is none of its own would end the process. */
async function checkFile(file: string, task: string): Promise<void> {
  const handle = await fs.open(file).catch(() => null);
  if (handle === null) return;
  try {
    const { size } = await handle.stat();
    if (size === 0) return;
    const bytes = new Uint8Array(magic.length);
    for (const page of [0, pageSize]) {
      await handle.read(bytes, 0, magic.length, page + magicAt);
      if (!magic.every((byte, i) => byte === bytes[i])) throw corrupt(task);
    }
  } finally {
    await handle.close();
  }
}

function corrupt(task: string, cause?: unknown): StateCorruptError {
  return new StateCorruptError(
    'The checkpoint is no LMDB environment any more: wipe it, the changelog has all of it.',
    { place: { task }, cause },
  );
}
