import { Chunk } from './Chunk.ts';

/** The last record of each key, by a hash table over the keys' bytes: no object is made of them. */
class LastByKey {
  #slots: Int32Array = new Int32Array(1024);
  readonly #chunks: Chunk[] = [];
  readonly #indexes: number[] = [];
  readonly #hashes: number[] = [];

  put(chunk: Chunk, index: number): void {
    const hash = chunk.hashOfKey(index);
    const slot = this.#slot(chunk, index, hash);
    const known = this.#slots[slot] as number;
    const place = known > 0 ? known - 1 : this.#hashes.length;
    this.#chunks[place] = chunk;
    this.#indexes[place] = index;
    this.#hashes[place] = hash;
    if (known > 0) return;
    this.#slots[slot] = place + 1;
    if (this.#hashes.length * 2 > this.#slots.length) this.#grow();
  }

  isLast(chunk: Chunk, index: number): boolean {
    const slot = this.#slot(chunk, index, chunk.hashOfKey(index));
    const place = (this.#slots[slot] as number) - 1;
    return this.#chunks[place] === chunk && this.#indexes[place] === index;
  }

  #slot(chunk: Chunk, index: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = (this.#slots[slot] as number) - 1;
      if (place < 0) return slot;
      if (this.#hashes[place] !== hash) continue;
      const other = this.#chunks[place] as Chunk;
      if (chunk.hasSameKey(index, other, this.#indexes[place] as number)) return slot;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let i = 0; i < this.#hashes.length; i++) {
      let slot = (this.#hashes[i] as number) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = i + 1;
    }
  }
}

export interface Compaction {
  /** Records at or after it are left as they are: the last stable offset, or the lag. */
  readonly upTo: number;
  readonly now: number;
  readonly deleteRetentionMs: number;
  /** Until when each tombstone is kept, by offset: set by the compaction that first saw it. */
  readonly horizons: Map<number, number>;
  /** The record there is of an aborted transaction. */
  readonly isAborted: (offset: number) => boolean;
}

/** Keeps the last record of each key, in new chunks over the same offsets. */
export function compact(chunks: readonly Chunk[], o: Compaction): Chunk[] {
  const last = lastOf(chunks, o);
  const horizons = new Map<number, number>();
  const result: Chunk[] = [];
  let into: Chunk | undefined;
  for (const chunk of chunks) {
    if (into === undefined || into.isFull(Number.POSITIVE_INFINITY)) {
      into = new Chunk(chunk.base, chunk.createdAt);
      result.push(into);
    }
    for (let index = 0; index < chunk.count; index++) {
      const isYoung = chunk.offsetAt(index) >= o.upTo;
      if (isYoung || isKept(chunk, index, last, o, horizons)) into.pushFrom(chunk, index);
    }
    into.end = chunk.end;
  }
  o.horizons.clear();
  for (const [offset, until] of horizons) o.horizons.set(offset, until);
  return result;
}

function lastOf(chunks: readonly Chunk[], { upTo, isAborted }: Compaction): LastByKey {
  const last = new LastByKey();
  for (const chunk of chunks) {
    for (let index = 0; index < chunk.count; index++) {
      const offset = chunk.offsetAt(index);
      if (offset >= upTo) return last;
      if (chunk.hasKey(index) && !isAborted(offset)) last.put(chunk, index);
    }
  }
  return last;
}

function isKept(
  chunk: Chunk,
  index: number,
  last: LastByKey,
  o: Compaction,
  horizons: Map<number, number>,
): boolean {
  const offset = chunk.offsetAt(index);
  if (o.isAborted(offset)) return false;
  if (!chunk.hasKey(index)) return true;
  if (!last.isLast(chunk, index)) return false;
  if (chunk.hasValue(index)) return true;
  const until = o.horizons.get(offset) ?? o.now + o.deleteRetentionMs;
  if (until <= o.now) return false;
  horizons.set(offset, until);
  return true;
}
