/** The longest time in which nothing came. */
export class Pauses {
  #lastMs = Date.now();
  longestMs = 0;

  came(): void {
    const now = Date.now();
    this.longestMs = Math.max(this.longestMs, now - this.#lastMs);
    this.#lastMs = now;
  }
}
