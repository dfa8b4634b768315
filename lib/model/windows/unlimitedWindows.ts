import { endOfTime, type FixedWindows } from './TimeWindows.ts';
import { wholeMs } from './wholeMs.ts';

/**
 * One window that begins at a time and never ends: records before it are in none, and are dropped
 * as late.
 *
 * Its end is `Number.MAX_SAFE_INTEGER`; nothing is late for it, so it needs no grace.
 *
 * @example
 * import { unlimitedWindows } from 'rxkstreams';
 *
 * unlimitedWindows({ startMs: 10 }).startMs; // => 10
 *
 * @param o `startMs`: event time, in ms since the epoch.
 */
export function unlimitedWindows(o: { readonly startMs: number }): FixedWindows {
  const startMs = wholeMs('unlimitedWindows', 'startMs', o.startMs, 0);
  const sizeMs = endOfTime - startMs;
  return { windows: 'time', type: 'unlimited', sizeMs, advanceMs: sizeMs, graceMs: 0, startMs };
}
