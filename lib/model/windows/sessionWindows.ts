import type { SessionWindows } from './TimeWindows.ts';
import { wholeMs } from './wholeMs.ts';

/**
 * Windows of activity: records of one key that follow one another within the gap are one session. A
 * record that lies between two sessions merges them.
 *
 *   gapMs 10   a--5--a       a            two sessions
 *              a--5--a--7--a--4--a        a record in between: one
 *
 * @example
 * import { sessionWindows } from 'rxkstreams';
 *
 * sessionWindows({ gapMs: 30 * 60_000, graceMs: 60_000 }).windows; // => 'session'
 *
 * @param o `gapMs`: exactly this far apart is still one session. `graceMs`: as of tumbling windows,
 * counted from the end of the gap.
 */
export function sessionWindows(o: {
  readonly gapMs: number;
  readonly graceMs: number;
}): SessionWindows {
  const gapMs = wholeMs('sessionWindows', 'gapMs', o.gapMs, 0);
  const graceMs = wholeMs('sessionWindows', 'graceMs', o.graceMs, 0);
  return { windows: 'session', type: 'session', gapMs, graceMs };
}
