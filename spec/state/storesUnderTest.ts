import { createRowStore } from '../../lib/state/createRowStore.ts';
import { latin1 } from '../../lib/state/KeyOrder.ts';
import type { RowBytes, RowStoreOptions } from '../../lib/state/RowStore.ts';
import type { TaskStorage } from '../../lib/state/StateStorage.ts';
import type { StoreUnderTest } from '../../lib/testing/storeModel.ts';

type Options = RowStoreOptions<string, number>;

/** A store in memory, with a changelog that is compacted at once. */
export async function inMemory(options: Options): Promise<StoreUnderTest> {
  const changelog = new Map<string, RowBytes>();
  return {
    store: createRowStore(options),
    async write(rows) {
      for (const row of rows) changelog.set(latin1(row.key), row);
    },
    async restarted() {
      const store = createRowStore(options);
      const rows = [...changelog.values()];
      store.restore(rows.slice(0, 3));
      store.restore(rows.slice(3));
      return store;
    },
  };
}

/**
 * A store whose base is a storage; `everyOther` commit reaches the changelog alone, and is
 * restored from there.
 */
export function onStorage(open: () => Promise<TaskStorage>) {
  return async (options: Options): Promise<StoreUnderTest> => {
    const task = await open();
    await task.clear(options.name);
    return {
      store: createRowStore(options, task),
      write: (rows) => writeRows(task, options.name, rows),
      restarted: async () => createRowStore(options, task),
    };
  };
}

export function writeRows(
  task: TaskStorage,
  store: string,
  rows: readonly RowBytes[],
): Promise<void> {
  return task.write({ stores: [{ store, rows, checkpoint: { offset: 1, writtenAtMs: 1 } }] });
}
