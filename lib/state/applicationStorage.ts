import type { StateStorage } from './StateStorage.ts';

/** What may stand behind an application's name: the tasks of `a` are none of `a-1`'s. */
const taskId = /^(?:\d+_\d+|global)$/;

/**
 * One application's part of a storage: tasks of two applications on one storage have the same
 * numbers, and one would take up the other's rows.
 */
export function applicationStorage(storage: StateStorage, applicationId: string): StateStorage {
  const prefix = `${applicationId}-`;
  return {
    open: (task) => storage.open(prefix + task),
    async tasks() {
      const all = await storage.tasks();
      const own = all.filter((name) => name.startsWith(prefix)).map((n) => n.slice(prefix.length));
      return own.filter((task) => taskId.test(task));
    },
    wipe: (task) => storage.wipe(prefix + task),
    close: () => storage.close(),
  };
}
