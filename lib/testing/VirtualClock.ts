import { StreamsError } from '../errors.ts';
import { type Clock, systemClock } from '../model/clock.ts';

interface Timer {
  readonly at: number;
  readonly work: () => void;
}

export interface VirtualClockOptions {
  /** Where time begins; default 0. */
  readonly startMs?: number;
  /** Rounds after which an instant that never gets quiet is given up; default 100,000. */
  readonly maxRounds?: number;
}

/** Rounds without a sign of life after which nothing is ready any more. */
const quietRounds = 2;

/**
 * Time that stands still until it is told to move. An instant is over when nothing is ready: no
 * promise, no breath, no tracked work.
 *
 *     advance(10)   |--settle--t1--settle--t2--settle--|   timers due on the way, in order
 *
 * @example
 * import { VirtualClock } from 'rxkstreams/testing';
 *
 * const clock = new VirtualClock();
 * const fired: number[] = [];
 * clock.after(10, () => fired.push(clock.now()));
 * await clock.advance(30);
 * fired; // => [10]
 */
export class VirtualClock implements Clock {
  readonly #maxRounds: number;
  #now: number;
  /** By time, then by order of setting. */
  readonly #timers: Timer[] = [];
  #breathing: (() => void)[] = [];
  readonly #tracked: Set<Promise<unknown>> = new Set();
  #activity = 0;

  constructor({ startMs = 0, maxRounds = 100_000 }: VirtualClockOptions = {}) {
    this.#now = startMs;
    this.#maxRounds = maxRounds;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, work: () => void): () => void {
    this.#activity += 1;
    const timer = { at: this.#now + Math.max(0, delayMs), work };
    let index = this.#timers.length;
    while (index > 0 && (this.#timers[index - 1] as Timer).at > timer.at) index -= 1;
    this.#timers.splice(index, 0, timer);
    return () => {
      const found = this.#timers.indexOf(timer);
      if (found >= 0) this.#timers.splice(found, 1);
    };
  }

  breathe(): Promise<void> {
    this.#activity += 1;
    return new Promise((resolve) => this.#breathing.push(resolve));
  }

  /** Work that the clock cannot see (a real disk): an instant is not over before it is done. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#activity += 1;
    const done = work.then(
      () => undefined,
      () => undefined,
    );
    this.#tracked.add(done);
    void done.then(() => {
      this.#activity += 1;
      this.#tracked.delete(done);
    });
    return work;
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.length;
  }

  /** When the next timer is due; null when none is set. */
  get nextAt(): number | null {
    return this.#timers[0]?.at ?? null;
  }

  /** Goes on by `ms`: fires the timers due on the way, in order, and settles after each instant. */
  advance(ms: number): Promise<void> {
    return this.advanceTo(this.#now + ms);
  }

  /** As `advance`, to a time. A time that is past is an error. */
  async advanceTo(ms: number): Promise<void> {
    if (ms < this.#now) {
      const message = `Time is ${this.#now} and does not go back to ${ms}: give a later time`;
      throw new StreamsError('INVALID_OPTION', message);
    }
    await this.settle();
    for (;;) {
      const next = this.#timers[0];
      if (next === undefined || next.at > ms) break;
      this.#now = Math.max(this.#now, next.at);
      this.#fireDue();
      await this.settle();
    }
    this.#now = ms;
    await this.settle();
  }

  /**
   * Time goes on by `ms` at once, as for a process that slept: timers due on the way fire late, at
   * the new time.
   */
  async jump(ms: number): Promise<void> {
    await this.settle();
    this.#now += Math.max(0, ms);
    await this.settle();
  }

  /** Runs all that is ready without moving time on (timers that are due now are ready). */
  async settle(): Promise<void> {
    let quiet = 0;
    for (let round = 0; quiet < quietRounds; round++) {
      if (round >= this.#maxRounds) throw this.#livelock();
      const before = this.#activity;
      const released = this.#release() + this.#fireDue();
      await systemClock.breathe();
      if (released > 0 || this.#activity !== before) quiet = 0;
      else if (this.#tracked.size > 0) await Promise.race(this.#tracked);
      else quiet += 1;
    }
  }

  #fireDue(): number {
    let fired = 0;
    // Only what was due at the start: a timer of 0 that sets itself again waits for the next round.
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    for (const timer of due) {
      const index = this.#timers.indexOf(timer);
      if (index < 0) continue;
      this.#timers.splice(index, 1);
      fired += 1;
      timer.work();
    }
    return fired;
  }

  #release(): number {
    const breathing = this.#breathing;
    this.#breathing = [];
    for (const resolve of breathing) resolve();
    return breathing.length;
  }

  #livelock(): StreamsError {
    const message =
      `At time ${this.#now} something was still ready after ${this.#maxRounds} rounds: ` +
      'look for a loop that breathes or sets a timer of 0 without ever waiting';
    return new StreamsError('OUT_OF_TURN', message);
  }
}
