/** Wakes who waits; raised while nobody waits, it lets the next one through at once. */
export class Signal {
  #isRaised = false;
  #resolve: (() => void) | null = null;

  raise(): void {
    this.#isRaised = true;
    this.#resolve?.();
  }

  wait(): Promise<void> {
    if (this.#isRaised) {
      this.#isRaised = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#resolve = () => {
        this.#isRaised = false;
        this.#resolve = null;
        resolve();
      };
    });
  }
}
