import { del, keys, set } from 'idb-keyval';
import { heldError } from '../heldError.ts';
import type { StateStorage, TaskStorage } from '../StateStorage.ts';
import { IdbTaskStorage } from './IdbTaskStorage.ts';
import { type IdbFactory, type IdbPlatform, openDatabase, platform } from './platform.ts';

export interface IdbStorageOptions {
  /** Names the application's databases. */
  readonly name: string;
  /** Default: the platform's; in Node `fake-indexeddb`, which lasts as long as the process. */
  readonly indexedDB?: IdbFactory;
}

/**
 * Who is open, by platform: what a browser's lock manager knows of other tabs, this knows of
 * this one.
 */
const held = new WeakMap<IdbFactory, Set<string>>();

/**
 * Checkpoints in IndexedDB, one database a task. A write is one transaction with its changelog
 * offsets: after a crash all of it is there or nothing.
 *
 * @example
 * import { idbStorage } from 'rxkstreams/idb';
 *
 * const state = idbStorage({ name: 'shop' });
 * const task = await state.open('0_0');
 * await task.checkpoint('spend'); // => null
 * await state.close();
 */
export function idbStorage(options: IdbStorageOptions): StateStorage {
  const { name } = options;
  const opened = new Set<TaskStorage>();
  let index: Promise<Index> | null = null;

  function openIndex(): Promise<Index> {
    index ??= platform(options.indexedDB).then((idb) => ({
      idb,
      tasks: openDatabase(idb, `${name}/tasks`),
    }));
    return index;
  }

  return {
    async open(task) {
      const { idb, tasks } = await openIndex();
      const release = await takeTask(idb, `${name}/${task}`, task);
      try {
        await set(task, true, tasks.use);
        const database = openDatabase(idb, `${name}/${task}`);
        const storage = new IdbTaskStorage(database, idb, task, () => {
          opened.delete(storage);
          release();
        });
        opened.add(storage);
        return storage;
      } catch (error) {
        release();
        throw error;
      }
    },
    async tasks() {
      const { tasks } = await openIndex();
      return (await keys<string>(tasks.use)).sort();
    },
    async wipe(task) {
      const { idb, tasks } = await openIndex();
      const release = await takeTask(idb, `${name}/${task}`, task);
      const database = openDatabase(idb, `${name}/${task}`);
      try {
        await database.clear();
        await del(task, tasks.use);
      } finally {
        await database.close();
        release();
      }
    },
    async close() {
      await Promise.all([...opened].map((storage) => storage.close()));
      const last = index;
      index = null;
      await (await last)?.tasks.close();
    },
  };
}

interface Index {
  readonly idb: IdbPlatform;
  readonly tasks: ReturnType<typeof openDatabase>;
}

/** Takes a task's database for this holder alone, or rejects. */
async function takeTask(idb: IdbPlatform, name: string, task: string): Promise<() => void> {
  const names = held.get(idb.factory) ?? new Set();
  held.set(idb.factory, names);
  if (names.has(name)) throw heldError(task);
  names.add(name);
  const releaseTab = await takeOfTabs(idb, name);
  if (releaseTab === null) {
    names.delete(name);
    throw heldError(task);
  }
  return () => {
    names.delete(name);
    releaseTab();
  };
}

/** The same among a browser's tabs. Null: another has it. */
function takeOfTabs(idb: IdbPlatform, name: string): Promise<(() => void) | null> {
  const { locks } = idb;
  if (locks === null) return Promise.resolve(() => {});
  return new Promise((resolve, reject) => {
    locks
      .request(`rxkstreams/${name}`, { ifAvailable: true }, (lock) => {
        if (lock === null) {
          resolve(null);
          return Promise.resolve();
        }
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}
