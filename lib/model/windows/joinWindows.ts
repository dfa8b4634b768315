import { StreamsError } from '../../errors.ts';
import type { AnySerde } from '../../serde/Serde.ts';
import { wholeMs } from './wholeMs.ts';

/**
 * Which records of two streams meet: those of the right within `[left - beforeMs, left + afterMs]`.
 */
export interface JoinWindows {
  /**
   * Names the stores in which records wait for others: `name-left`, `name-right`, `name-unmatched`.
   */
  readonly name: string;
  /** Negative: the window ends, or begins, on the other side of the record. */
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;
  /** How waiting records become bytes; default: strings as keys, JSON as values. */
  readonly key?: AnySerde;
  readonly left?: AnySerde;
  readonly right?: AnySerde;
  /**
   * Least wall-clock time between two searches for records that met none; default 0: they come out
   * as soon as stream time says so. (Kafka Streams' own is 1000.)
   */
  readonly emitIntervalMs?: number;
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
 * joinWindows({ name: 'paid', beforeMs: 0, afterMs: 10_000, graceMs: 1_000 }).afterMs; // => 10000
 *
 * @param o Both bounds belong to the window. `graceMs`: how much later than a window's end, in
 * stream time, a record still meets others; only after that is it known to have met none.
 */
export function joinWindows(o: JoinWindows): JoinWindows {
  if (typeof o.name !== 'string' || o.name === '') {
    throw new StreamsError(
      'INVALID_OPTION',
      "joinWindows: it has no name; it names the stores in which records wait, as in { name: 'paid', ... }.",
    );
  }
  const beforeMs = wholeMs('joinWindows', 'beforeMs', o.beforeMs);
  const afterMs = wholeMs('joinWindows', 'afterMs', o.afterMs);
  if (beforeMs + afterMs < 0) {
    throw new StreamsError(
      'INVALID_OPTION',
      `joinWindows: beforeMs ${beforeMs} and afterMs ${afterMs} leave no window. A negative ` +
        'bound lies on the other side of the record: their sum must be 0 or more.',
    );
  }
  return {
    ...o,
    beforeMs,
    afterMs,
    graceMs: wholeMs('joinWindows', 'graceMs', o.graceMs, 0),
  };
}
