/**
 * The port through which time comes in. Nothing in the library reads a clock or sets a timer but by
 * it, so the same runtime runs on real time, on virtual time in a test, and under a seeded
 * simulator.
 */
export interface Clock {
  /** Wall-clock time, in ms since the epoch. */
  now(): number;
  /** Runs `work` once, `delayMs` from now; the answer cancels it. */
  after(delayMs: number, work: () => void): () => void;
  /**
   * Resolves after everything else that is ready has had its turn: lets I/O in between two slices
   * of work.
   */
  breathe(): Promise<void>;
}

/** The port through which chance comes in: a number in [0, 1). */
export type Random = () => number;

interface Immediate {
  setImmediate?: (work: () => void) => void;
}

/** The longest a timer of the platform can be set for; a longer one would ring at once. */
const longestTimerMs = 0x7fff_ffff;

/** Real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, work) {
    const timer = setTimeout(work, Math.min(delayMs, longestTimerMs));
    return () => clearTimeout(timer);
  },
  breathe() {
    const { setImmediate } = globalThis as Immediate;
    return new Promise((resolve) =>
      setImmediate ? setImmediate(resolve) : setTimeout(resolve, 0),
    );
  },
};

/** Real chance. */
export const systemRandom: Random = () => Math.random();
