import type { TaskStorage } from '../state/StateStorage.ts';
import type { StreamTask } from './StreamTask.ts';

/** A task that is restored and runs, with the storage it holds. */
export interface RunningTask {
  readonly task: StreamTask;
  readonly storage: TaskStorage;
}
