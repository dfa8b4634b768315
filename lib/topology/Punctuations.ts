interface Entry {
  due: number;
  readonly intervalMs: number;
  readonly punctuate: (timestamp: number) => void;
}

/**
 * Callbacks at intervals of one kind of time. After a jump over several intervals each is called
 * once, and goes on in its old rhythm. Semantics: Kafka Streams' punctuation queue.
 */
export class Punctuations {
  readonly #entries: Entry[] = [];

  /** First at `due`; stream-time punctuations are due at 0, so with the first record. */
  add(due: number, intervalMs: number, punctuate: (timestamp: number) => void): () => void {
    const entry = { due, intervalMs, punctuate };
    this.#entries.push(entry);
    return () => {
      const at = this.#entries.indexOf(entry);
      if (at >= 0) this.#entries.splice(at, 1);
    };
  }

  /** When the next is due; Infinity: never. */
  get due(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries) due = Math.min(due, entry.due);
    return due;
  }

  /** Time goes on at `now`, as after a restart: what was due till then has been called. */
  resume(now: number): void {
    for (const entry of this.#entries) {
      if (entry.due > now) continue;
      entry.due += (Math.floor((now - entry.due) / entry.intervalMs) + 1) * entry.intervalMs;
    }
  }

  /** Calls what is due at `now`, earliest first, then in the order of scheduling. */
  run(now: number): void {
    for (;;) {
      let next: Entry | undefined;
      for (const entry of this.#entries) {
        if (entry.due <= now && (next === undefined || entry.due < next.due)) next = entry;
      }
      if (next === undefined) return;
      const missed = Math.floor((now - next.due) / next.intervalMs);
      next.due += (missed + 1) * next.intervalMs;
      next.punctuate(now);
    }
  }
}
