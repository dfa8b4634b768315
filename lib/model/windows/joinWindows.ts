import { wholeMs } from './wholeMs.ts';

/** Which records of two streams meet: those of the right within `[left - beforeMs, left + afterMs]`. */
export interface JoinWindows {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;
}

/**
 * Which records of two streams meet in a join, in event time.
 *
 *   left                      l
 *   right       [--beforeMs-- l ------afterMs------]
 *
 * @example
 * import { joinWindows } from 'rxkstreams';
 *
 * joinWindows({ beforeMs: 0, afterMs: 10_000, graceMs: 1_000 }).afterMs; // => 10000
 *
 * @param o Both bounds belong to the window. `graceMs`: how much later than a window's end, in stream time, a record still
 * meets others; only after that is it known to have met none.
 */
export function joinWindows(o: {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;
}): JoinWindows {
  return {
    beforeMs: wholeMs('joinWindows', 'beforeMs', o.beforeMs, 0),
    afterMs: wholeMs('joinWindows', 'afterMs', o.afterMs, 0),
    graceMs: wholeMs('joinWindows', 'graceMs', o.graceMs, 0),
  };
}
