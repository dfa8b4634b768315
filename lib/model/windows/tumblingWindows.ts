import type { FixedWindows } from './TimeWindows.ts';
import { wholeMs } from './wholeMs.ts';

/**
 * Windows of one size, one after the other: each record is in exactly one.
 *
 *   sizeMs 10   [0      10)[10     20)[20     30)
 *
 * @example
 * import { tumblingWindows } from 'rxkstreams';
 *
 * tumblingWindows({ sizeMs: 60_000, graceMs: 5_000 }).advanceMs; // => 60000
 *
 * @param o `sizeMs`: the start belongs to a window, the end to the next. `graceMs`: how much later
 * than a window's end, in stream time, a record is still let in; required, as it decides what is
 * lost and when results are final.
 * @see hoppingWindows, slidingWindows, sessionWindows
 */
export function tumblingWindows(o: {
  readonly sizeMs: number;
  readonly graceMs: number;
}): FixedWindows {
  const sizeMs = wholeMs('tumblingWindows', 'sizeMs', o.sizeMs, 1);
  const graceMs = wholeMs('tumblingWindows', 'graceMs', o.graceMs, 0);
  return { windows: 'time', type: 'tumbling', sizeMs, advanceMs: sizeMs, graceMs, startMs: 0 };
}
