import type { StateStorage, TaskStorage } from '../state/StateStorage.ts';
import type { VirtualClock } from './VirtualClock.ts';

/** A storage on a real disk, in virtual time: an instant is not over before it is done with it. */
export function trackedStorage(storage: StateStorage, clock: VirtualClock): StateStorage {
  return {
    open: (task) => clock.track(storage.open(task).then((opened) => tracked(opened, clock))),
    tasks: () => clock.track(storage.tasks()),
    wipe: (task) => clock.track(storage.wipe(task)),
    close: () => clock.track(storage.close()),
  };
}

function tracked(storage: TaskStorage, clock: VirtualClock): TaskStorage {
  const { sync } = storage;
  return {
    checkpoint: (store) => clock.track(storage.checkpoint(store)),
    async *rows(store) {
      const chunks = storage.rows(store)[Symbol.asyncIterator]();
      for (;;) {
        const chunk = await clock.track(Promise.resolve(chunks.next()));
        if (chunk.done === true) return;
        yield chunk.value;
      }
    },
    write: (batch) => clock.track(storage.write(batch)),
    clear: (store) => clock.track(storage.clear(store)),
    ...(sync === undefined ? {} : { sync }),
    close: () => clock.track(storage.close()),
  };
}
