/** One aborted transaction that reaches into an answer. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/**
 * Which producers' records are part of an aborted transaction, while the batches go by in order.
 * The broker lists transactions as they ended, so a later one may come first: they are sorted by
 * where they begin. A producer may be listed several times; its abort marker ends the one it is in.
 */
export class AbortedTransactions {
  readonly #pending: readonly AbortedTransaction[];
  readonly #open = new Set<number>();
  #next = 0;

  constructor(transactions: readonly AbortedTransaction[]) {
    this.#pending = [...transactions].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Takes in the transactions that begin up to this offset, the last of the batch at hand. */
  advance(lastOffset: number): void {
    while (this.#next < this.#pending.length) {
      const transaction = this.#pending[this.#next] as AbortedTransaction;
      if (transaction.firstOffset > lastOffset) return;
      this.#open.add(transaction.producerId);
      this.#next++;
    }
  }

  isAborted(producerId: number): boolean {
    return this.#open.has(producerId);
  }

  /** The producer's abort marker went by. */
  end(producerId: number): void {
    this.#open.delete(producerId);
  }
}
