import { MemoryRowStore } from './MemoryRowStore.ts';
import type { ManagedStore, RowStoreOptions } from './RowStore.ts';
import type { TaskStorage } from './StateStorage.ts';
import { StorageRowStore } from './StorageRowStore.ts';

/**
 * A store of rows: in memory, or with its base in the task's storage where that can be read
 * without waiting.
 */
export function createRowStore<K, V>(
  options: RowStoreOptions<K, V>,
  storage?: TaskStorage,
): ManagedStore<K, V> {
  // A store that does not outlive the process has nothing in the storage.
  const sync = options.changelog ? storage?.sync : undefined;
  if (sync !== undefined) return new StorageRowStore(options, sync);
  return new MemoryRowStore(options);
}
