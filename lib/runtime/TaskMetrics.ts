import type { DropReason } from '../topology/NodeContext.ts';

/** What one task has done since it was started here. */
export interface TaskMetrics {
  processed: number;
  /** Records that were left out, by why. */
  readonly dropped: Partial<Record<DropReason, number>>;
  /** Changelog records replayed when it was restored. */
  restored: number;
  commits: number;
}

export function newTaskMetrics(): TaskMetrics {
  return { processed: 0, dropped: {}, restored: 0, commits: 0 };
}
