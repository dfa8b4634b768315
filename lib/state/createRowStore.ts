import { MemoryRowStore } from './MemoryRowStore.ts';
import type { ManagedStore, RowStoreOptions } from './RowStore.ts';
import type { TaskStorage } from './StateStorage.ts';

/**
 * A store of rows: in memory, or with its base in the task's storage where that can be read without waiting.
 */
export function createRowStore<K, V>(
  options: RowStoreOptions<K, V>,
  _storage?: TaskStorage,
): ManagedStore<K, V> {
  return new MemoryRowStore(options);
}
