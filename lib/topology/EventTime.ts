import type { SchedulerAction, SchedulerLike } from 'rxjs';
import { Subscription, VirtualTimeScheduler } from '../rx.ts';

/**
 * A task's stream time as an RxJS scheduler. It stands still until the task moves it; what is due
 * then runs in the task's turn, in order of its time. What was scheduled before the first record
 * counts from that record's time, not from 1970.
 */
export class EventTime implements SchedulerLike {
  readonly #scheduler: VirtualTimeScheduler = new VirtualTimeScheduler();
  /** What was scheduled before there was a time; null: there is one. */
  #early: (() => void)[] | null = [];

  now(): number {
    return this.#scheduler.frame;
  }

  schedule<T>(
    work: (this: SchedulerAction<T>, state?: T) => void,
    delay = 0,
    state?: T,
  ): Subscription {
    const start = (): Subscription => this.#scheduler.schedule(work, delay, state);
    if (this.#early === null) return start();
    const subscription = new Subscription();
    this.#early.push(() => {
      if (!subscription.closed) subscription.add(start());
    });
    return subscription;
  }

  /** It is this time now: runs what was due before. Never goes back. */
  moveTo(time: number): void {
    const scheduler = this.#scheduler;
    if (this.#early !== null) {
      if (time < 0) return;
      const early = this.#early;
      this.#early = null;
      scheduler.frame = time;
      for (const start of early) start();
    }
    if (time <= scheduler.frame) return;
    this.#run(time - 1);
    scheduler.frame = time;
  }

  /** It is this time now: runs what is due, `time` included. */
  runTo(time: number): void {
    this.moveTo(time);
    if (this.#early === null) this.#run(this.#scheduler.frame);
  }

  #run(until: number): void {
    this.#scheduler.maxFrames = until;
    this.#scheduler.flush();
  }
}
