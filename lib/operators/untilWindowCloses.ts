import { type BufferBounds, checkedBounds } from './internal/bufferBounds.ts';

/** Holds a window's changes back until it has closed. */
export interface UntilClose extends BufferBounds {
  readonly until: 'close';
}

/**
 * For `suppress`: emits each window once, when stream time has passed its end and grace.
 *
 * @example
 * import { untilWindowCloses } from 'rxkstreams';
 *
 * untilWindowCloses().until; // => 'close'
 *
 * @param bounds How much may wait; default: as much as there is. Over it the record fails with the
 * code `SUPPRESS_BUFFER_FULL`, as a final result cannot be emitted early.
 * @see untilTimeLimit
 */
export function untilWindowCloses(bounds: BufferBounds = {}): UntilClose {
  return { until: 'close', ...checkedBounds('untilWindowCloses', bounds) };
}
