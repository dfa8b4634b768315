/**
 * Windows of a fixed size, that lie on the time axis whatever comes in: tumbling, hopping,
 * unlimited.
 */
export interface FixedWindows {
  readonly windows: 'time';
  readonly type: 'tumbling' | 'hopping' | 'unlimited';
  readonly sizeMs: number;
  /** From one window's start to the next. */
  readonly advanceMs: number;
  readonly graceMs: number;
  /** The first window's start. */
  readonly startMs: number;
}

/** Windows that end with a record, or begin just after one; both bounds belong to them. */
export interface SlidingWindows {
  readonly windows: 'time';
  readonly type: 'sliding';
  readonly timeDifferenceMs: number;
  readonly graceMs: number;
}

export type TimeWindows = FixedWindows | SlidingWindows;

/**
 * Windows of activity: they grow and merge as long as records follow one another within the gap.
 */
export interface SessionWindows {
  readonly windows: 'session';
  readonly type: 'session';
  readonly gapMs: number;
  readonly graceMs: number;
}

export type Windows = TimeWindows | SessionWindows;

/** Where an unlimited window ends: the highest number that is safe. */
export const endOfTime: number = Number.MAX_SAFE_INTEGER;

/** How long a store must keep the rows of these windows, so that none is gone before it closes. */
export function leastRetentionMs(windows: Windows): number {
  switch (windows.type) {
    case 'session':
      return windows.gapMs + windows.graceMs;
    case 'sliding':
      // A window of one instant takes records until stream time is one past its grace.
      return (
        2 * windows.timeDifferenceMs + windows.graceMs + (windows.timeDifferenceMs === 0 ? 1 : 0)
      );
    case 'unlimited':
      return Number.POSITIVE_INFINITY;
    default:
      return windows.sizeMs + windows.graceMs;
  }
}

/**
 * Stream time at which a window with this end counts as closed for those behind: end + grace, of a
 * session end + gap + grace. Semantics: Kafka Streams' `suppress`.
 */
export function closesAt(windows: Windows, end: number): number {
  if (end >= endOfTime) return endOfTime;
  return end + windows.graceMs + (windows.type === 'session' ? windows.gapMs : 0);
}

/**
 * Stream time from which a record can no longer change a window with this end. Where the end
 * belongs to the window (sliding windows, sessions), that is one later than `closesAt`.
 */
export function lateFrom(windows: Windows, end: number): number {
  const inclusive = windows.type === 'session' || windows.type === 'sliding';
  return closesAt(windows, end) + (inclusive ? 1 : 0);
}
