import type { Admin, PartitionOffset } from '../client/KafkaClient.ts';
import type { Clock } from '../model/clock.ts';
import type { AppLayout } from './AppLayout.ts';
import type { RunningTask } from './RunningTask.ts';

const intervalMs = 30_000;

/**
 * Repartition topics keep records for ever by themselves: what is committed is deleted now and
 * then.
 */
export class RepartitionPurge {
  readonly #admin: Admin;
  readonly #clock: Clock;
  readonly #isNeeded: boolean;
  #lastMs: number;
  #isPurging = false;

  constructor(admin: Admin, layout: AppLayout, clock: Clock) {
    this.#admin = admin;
    this.#clock = clock;
    this.#isNeeded = layout.repartitions.size > 0;
    this.#lastMs = clock.now();
  }

  afterCommit(tasks: readonly RunningTask[]): void {
    if (!this.#isNeeded || this.#isPurging) return;
    const now = this.#clock.now();
    if (now - this.#lastMs < intervalMs) return;
    this.#lastMs = now;
    const before: PartitionOffset[] = [];
    for (const { task } of tasks) {
      for (const { input, topic, partition, committed } of task.group.buffers) {
        if (input.repartition !== null && committed > 0) {
          before.push({ topic, partition, offset: committed });
        }
      }
    }
    if (before.length === 0) return;
    this.#isPurging = true;
    const done = (): void => {
      this.#isPurging = false;
    };
    // What is not deleted now is deleted the next time.
    this.#admin.deleteRecords(before).then(done, done);
  }
}
