import type { Clock, Random } from '../../../model/clock.ts';

const firstMs = 50;
const mostMs = 1_000;

/**
 * Waits that can all be ended at once, so that closing leaves no timer behind. After `end` every
 * pause is over immediately.
 */
export class Pauses {
  readonly clock: Clock;
  readonly #random: Random;
  readonly #open = new Set<() => void>();
  #ended = false;

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.#random = random;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves after `delayMs`, or at `end`. */
  pause(delayMs: number): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const over = (): void => {
        cancel();
        this.#open.delete(over);
        resolve();
      };
      const cancel = this.clock.after(delayMs, over);
      this.#open.add(over);
    });
  }

  /** The pause before a repeated attempt: doubles from 50 ms to 1 s, and is spread by a fifth. */
  backOff(attempt: number): Promise<void> {
    const base = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 16));
    return this.pause(base * (0.8 + 0.4 * this.#random()));
  }

  end(): void {
    this.#ended = true;
    for (const over of [...this.#open]) over();
  }
}
