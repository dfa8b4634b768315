interface Work {
  readonly node: string;
  readonly run: () => void;
}

/** Async work beyond which a task takes no more records. */
const mostHolds = 1024;

/**
 * What a task has begun and not ended: promises out there, and what they left to be done in a turn.
 */
export class InFlight {
  #holds = 0;
  #work: Work[] = [];
  readonly #wake: () => void;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  get isEmpty(): boolean {
    return this.#holds === 0 && this.#work.length === 0;
  }

  get isFull(): boolean {
    return this.#holds >= mostHolds;
  }

  get hasWork(): boolean {
    return this.#work.length > 0;
  }

  /** Something is out; the answer says that it is back. */
  hold(): () => void {
    this.#holds += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holds -= 1;
      this.#wake();
    };
  }

  add(node: string, run: () => void): void {
    this.#work.push({ node, run });
    this.#wake();
  }

  /** What is to be done, in order; what comes meanwhile is for the next time. */
  takeWork(): readonly Work[] {
    const work = this.#work;
    this.#work = [];
    return work;
  }
}
