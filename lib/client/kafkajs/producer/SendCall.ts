/** One call of `send`: resolves when all the batches it was cut into are acknowledged. */
export class SendCall {
  readonly promise: Promise<readonly number[]>;
  readonly #offsets: number[];
  #resolve: (offsets: readonly number[]) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #open = 1;
  #error: unknown = null;

  constructor(batchCount: number) {
    this.#offsets = new Array<number>(batchCount).fill(-1);
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Another part is on its way. */
  opened(): void {
    this.#open++;
  }

  /**
   * A part arrived; `index` is the caller's batch when the part holds its first record, else -1.
   */
  acknowledged(index: number, offset: number): void {
    if (index >= 0) this.#offsets[index] = offset;
    this.closed();
  }

  failed(error: unknown): void {
    this.#error ??= error;
    this.closed();
  }

  /** A part, or the call itself, is over. */
  closed(): void {
    if (--this.#open > 0) return;
    if (this.#error === null) this.#resolve(this.#offsets);
    else this.#reject(this.#error);
  }
}
