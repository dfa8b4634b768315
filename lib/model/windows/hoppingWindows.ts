import { StreamsError } from '../../errors.ts';
import type { FixedWindows } from './TimeWindows.ts';
import { wholeMs } from './wholeMs.ts';

/**
 * Windows of one size that begin more often than that: each record is in several.
 *
 *   sizeMs 10   [0      10)
 *   advanceMs 5      [5      15)
 *                         [10     20)
 *
 * @example
 * import { hoppingWindows } from 'rxkstreams';
 *
 * hoppingWindows({ sizeMs: 10, advanceMs: 5, graceMs: 0 }).type; // => 'hopping'
 *
 * @param o `advanceMs`: from one window's start to the next, at most `sizeMs`. `graceMs`: as of
 * tumbling windows.
 * @see tumblingWindows, slidingWindows
 */
export function hoppingWindows(o: {
  readonly sizeMs: number;
  readonly advanceMs: number;
  readonly graceMs: number;
}): FixedWindows {
  const sizeMs = wholeMs('hoppingWindows', 'sizeMs', o.sizeMs, 1);
  const advanceMs = wholeMs('hoppingWindows', 'advanceMs', o.advanceMs, 1);
  const graceMs = wholeMs('hoppingWindows', 'graceMs', o.graceMs, 0);
  if (advanceMs > sizeMs) {
    throw new StreamsError(
      'INVALID_OPTION',
      `hoppingWindows: advanceMs is ${advanceMs}, more than sizeMs (${sizeMs}), so some records ` +
        `would be in no window. Make it ${sizeMs} or less.`,
    );
  }
  return { windows: 'time', type: 'hopping', sizeMs, advanceMs, graceMs, startMs: 0 };
}
