import type { PartitionBuffer } from './PartitionBuffer.ts';

/**
 * The inputs of a task, in exact order: the record with the smallest timestamp is next, and only
 * when each other input has one buffered or is known to be read to its end. So a join does not
 * depend on which fetch came first.
 */
export class PartitionGroup {
  /** By source, then by partition: that order breaks ties. */
  readonly buffers: readonly PartitionBuffer[];
  /** Some input must be heard of before anything can be taken up. */
  isWaiting = false;
  readonly #idleMs: number;
  readonly #now: () => number;
  #idleSince = -1;

  /** `maxTaskIdleMs`: -1 waits for nothing; above 0 it also waits that long for producers. */
  constructor(buffers: readonly PartitionBuffer[], maxTaskIdleMs: number, now: () => number) {
    this.buffers = buffers;
    this.#idleMs = maxTaskIdleMs;
    this.#now = now;
  }

  /** The buffer whose head is next; null: none, or it cannot be known yet. */
  next(): PartitionBuffer | null {
    const { buffers } = this;
    if (buffers.length === 1) {
      const only = buffers[0] as PartitionBuffer;
      return only.prepare() ? only : null;
    }
    let best: PartitionBuffer | null = null;
    let isMissing = false;
    let isEmpty = false;
    for (let i = 0; i < buffers.length; i++) {
      const buffer = buffers[i] as PartitionBuffer;
      if (buffer.prepare()) {
        if (best === null || buffer.headTime < best.headTime) best = buffer;
      } else {
        isEmpty = true;
        if (!buffer.isAtEnd) isMissing = true;
      }
    }
    this.isWaiting = false;
    if (best === null || !isEmpty || this.#idleMs < 0) {
      this.#idleSince = -1;
      return best;
    }
    if (isMissing || (this.#idleMs > 0 && this.#waitsForProducers())) {
      this.isWaiting = true;
      return null;
    }
    return best;
  }

  /** When waiting for producers is over; Infinity: it is not that which is waited for. */
  get dueMs(): number {
    return this.isWaiting && this.#idleSince >= 0
      ? this.#idleSince + this.#idleMs
      : Number.POSITIVE_INFINITY;
  }

  /** Everything there is has been taken up. */
  get isAtEnd(): boolean {
    for (const buffer of this.buffers) if (!buffer.isAtEnd) return false;
    return true;
  }

  #waitsForProducers(): boolean {
    const now = this.#now();
    if (this.#idleSince < 0) this.#idleSince = now;
    return now - this.#idleSince < this.#idleMs;
  }
}
