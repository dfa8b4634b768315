import { wholeMs } from '../model/windows/wholeMs.ts';
import { type BufferBounds, checkedBounds } from './internal/bufferBounds.ts';

/** What becomes of the oldest changes when the buffer is full. */
export type WhenFull = 'emit early' | 'fail';

/** Holds a key's changes back for a time, and emits the last of them. */
export interface UntilTimeLimit extends BufferBounds {
  readonly until: 'time limit';
  readonly limitMs: number;
  readonly whenFull: WhenFull;
}

/**
 * For `suppress`: emits at most one change of each key in `limitMs` of stream time.
 *
 * A change waits from the time of the key's first one; later ones take its place.
 *
 * @example
 * import { untilTimeLimit } from 'rxkstreams';
 *
 * untilTimeLimit({ limitMs: 10_000, maxRecords: 1_000 }).whenFull; // => 'emit early'
 *
 * @param o `whenFull`: `emit early` (default) hands the oldest on before its time; `fail` fails the
 * record with the code `SUPPRESS_BUFFER_FULL`.
 * @see untilWindowCloses
 */
export function untilTimeLimit(
  o: BufferBounds & { readonly limitMs: number; readonly whenFull?: WhenFull },
): UntilTimeLimit {
  return {
    until: 'time limit',
    limitMs: wholeMs('untilTimeLimit', 'limitMs', o.limitMs, 0),
    whenFull: o.whenFull ?? 'emit early',
    ...checkedBounds('untilTimeLimit', o),
  };
}
