import type { SlidingWindows } from './TimeWindows.ts';
import { wholeMs } from './wholeMs.ts';

/**
 * One window for each set of records that lie within a time difference of one another: a window
 * ends with each record, and one begins just after each record that has others behind it.
 *
 *   records            a    b
 *   timeDifferenceMs  [a]            the window that ends with a
 *                     [a    b]       the window that ends with b
 *                       [   b  ]     the window that begins just after a
 *
 * Both bounds belong to a window. Semantics: Kafka Streams' SlidingWindows.
 *
 * @example
 * import { slidingWindows } from 'rxkstreams';
 *
 * slidingWindows({ timeDifferenceMs: 10, graceMs: 0 }).type; // => 'sliding'
 *
 * @param o `timeDifferenceMs`: the farthest two records of one window are apart. `graceMs`: as of
 * tumbling windows.
 * @see hoppingWindows
 */
export function slidingWindows(o: {
  readonly timeDifferenceMs: number;
  readonly graceMs: number;
}): SlidingWindows {
  const timeDifferenceMs = wholeMs('slidingWindows', 'timeDifferenceMs', o.timeDifferenceMs, 0);
  const graceMs = wholeMs('slidingWindows', 'graceMs', o.graceMs, 0);
  return { windows: 'time', type: 'sliding', timeDifferenceMs, graceMs };
}
