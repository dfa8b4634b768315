import { promisifyRequest, type UseStore } from 'idb-keyval';
import { StreamsError } from '../../errors.ts';

/*
 * What of IndexedDB is used here, structurally: the package's types do not ask for a browser's.
 */

export interface IdbRequest<T> {
  readonly result: T;
}

export interface IdbObjectStore {
  put(value: unknown, key: unknown): unknown;
  delete(key: unknown): unknown;
  get(key: unknown): IdbRequest<unknown>;
  getAll(range: unknown, count: number): IdbRequest<unknown[]>;
  getAllKeys(range: unknown, count: number): IdbRequest<unknown[]>;
  clear(): unknown;
  readonly transaction: { abort(): void };
}

interface IdbDatabase {
  createObjectStore(name: string): unknown;
  transaction(name: string, mode: string): { objectStore(name: string): IdbObjectStore };
  close(): void;
}

interface IdbOpenRequest extends IdbRequest<IdbDatabase> {
  onupgradeneeded: unknown;
}

/** The entry to a platform's IndexedDB. */
export interface IdbFactory {
  open(name: string): unknown;
}

export interface IdbKeyRange {
  bound(low: unknown, high: unknown, lowOpen: boolean, highOpen: boolean): unknown;
}

interface Locks {
  request(
    name: string,
    o: { readonly ifAvailable: boolean },
    holding: (lock: unknown) => Promise<void>,
  ): Promise<unknown>;
}

export interface IdbPlatform {
  readonly factory: IdbFactory;
  readonly keyRange: IdbKeyRange;
  readonly locks: Locks | null;
}

interface FakeModule {
  readonly indexedDB: IdbFactory;
  readonly IDBKeyRange: IdbKeyRange;
}

interface Globals {
  readonly indexedDB?: IdbFactory;
  readonly IDBKeyRange?: IdbKeyRange;
  readonly navigator?: { readonly locks?: Locks };
}

/** The platform's IndexedDB, or where there is none a fake one in memory. */
export async function platform(given: IdbFactory | undefined): Promise<IdbPlatform> {
  const globals = globalThis as Globals;
  const locks = globals.navigator?.locks ?? null;
  const factory = given ?? globals.indexedDB;
  if (factory !== undefined && globals.IDBKeyRange !== undefined) {
    return { factory, keyRange: globals.IDBKeyRange, locks };
  }
  // By a name bundlers do not follow: browsers need none of it.
  const name = 'fake-indexeddb';
  const fake = await (import(name) as Promise<FakeModule>).catch((cause: unknown) => {
    throw new StreamsError(
      'NOT_SUPPORTED',
      'There is no IndexedDB here, and no fake-indexeddb to stand for it (in memory, for tests). Install it: npm install fake-indexeddb; or keep state on disk by rxkstreams/lmdb.',
      { cause },
    );
  });
  return { factory: factory ?? fake.indexedDB, keyRange: fake.IDBKeyRange, locks };
}

const storeName = 'keyval';

/**
 * One database with one object store, opened when first used; idb-keyval's functions take its
 * `use`.
 */
export function openDatabase(idb: IdbPlatform, name: string): IdbStore {
  let opening: Promise<IdbDatabase> | null = null;

  function database(): Promise<IdbDatabase> {
    if (opening === null) {
      const request = idb.factory.open(name) as IdbOpenRequest;
      request.onupgradeneeded = () => request.result.createObjectStore(storeName);
      opening = promisifyRequest(request as never) as Promise<IdbDatabase>;
    }
    return opening;
  }

  const run: IdbStore['run'] = async (mode, work) =>
    work((await database()).transaction(storeName, mode).objectStore(storeName));
  return {
    run,
    use: run as unknown as UseStore,
    clear: () =>
      run('readwrite', (store) => {
        store.clear();
        return done(store);
      }),
    async close() {
      const last = opening;
      opening = null;
      (await last)?.close();
    },
  };
}

export interface IdbStore {
  run<T>(
    mode: 'readonly' | 'readwrite',
    work: (store: IdbObjectStore) => T | PromiseLike<T>,
  ): Promise<T>;
  readonly use: UseStore;
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Resolves when a store's transaction is complete. */
export function done(store: IdbObjectStore): Promise<void> {
  return promisifyRequest(store.transaction as never) as Promise<void>;
}

export function answer<T>(request: IdbRequest<T>): Promise<T> {
  return promisifyRequest(request as never) as Promise<T>;
}
