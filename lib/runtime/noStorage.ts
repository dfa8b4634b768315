import type { StateStorage, TaskStorage } from '../state/StateStorage.ts';

/**
 * No checkpoints: state is restored from its changelogs. The default, as memory that dies with the
 * process would only cost.
 */
export function noStorage(): StateStorage {
  return {
    open: async () => nothing,
    tasks: async () => [],
    wipe: async () => undefined,
    close: async () => undefined,
  };
}

const nothing: TaskStorage = {
  checkpoint: async () => null,
  async *rows() {},
  write: async () => undefined,
  clear: async () => undefined,
  close: async () => undefined,
};
