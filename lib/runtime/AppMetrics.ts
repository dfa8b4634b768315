import type { DropReason } from '../topology/NodeContext.ts';
import type { StreamTask } from './StreamTask.ts';
import type { TaskMetrics } from './TaskMetrics.ts';

/** What one task has done on this instance. */
export interface TaskReport {
  readonly task: string;
  readonly recordsProcessed: number;
  readonly recordsDropped: Partial<Readonly<Record<DropReason, number>>>;
  /** Changelog records replayed when it was restored. */
  readonly recordsRestored: number;
  readonly commits: number;
  /** Records of its inputs that are not processed yet, as far as is known. */
  readonly lag: number;
}

/** What an app has done since its start, on this instance. */
export interface AppMetrics {
  readonly recordsProcessed: number;
  /** Records that were left out, by why. */
  readonly recordsDropped: Partial<Readonly<Record<DropReason, number>>>;
  readonly recordsRestored: number;
  readonly commits: number;
  readonly lag: number;
  /** One for each task that has run here; those that moved away keep what they had. */
  readonly tasks: readonly TaskReport[];
}

export function appMetrics(tasks: readonly TaskReport[], commits: number): AppMetrics {
  const recordsDropped: Partial<Record<DropReason, number>> = {};
  let recordsProcessed = 0;
  let recordsRestored = 0;
  let lag = 0;
  for (const task of tasks) {
    recordsProcessed += task.recordsProcessed;
    recordsRestored += task.recordsRestored;
    lag += task.lag;
    for (const [reason, count] of Object.entries(task.recordsDropped)) {
      const why = reason as DropReason;
      recordsDropped[why] = (recordsDropped[why] ?? 0) + count;
    }
  }
  return { recordsProcessed, recordsDropped, recordsRestored, commits, lag, tasks };
}

/** What each task has done on this instance, also before it moved away; its lag where it runs. */
export function taskReports(
  running: readonly Pick<StreamTask, 'id' | 'group'>[],
  metrics: ReadonlyMap<string, TaskMetrics>,
): TaskReport[] {
  const lags = new Map(
    running.map(({ id, group }) => [
      id,
      group.buffers.reduce((lag, buffer) => lag + buffer.lag, 0),
    ]),
  );
  return [...metrics].map(([task, m]) => ({
    task,
    recordsProcessed: m.processed,
    recordsDropped: { ...m.dropped },
    recordsRestored: m.restored,
    commits: m.commits,
    lag: lags.get(task) ?? 0,
  }));
}
