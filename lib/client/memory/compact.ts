import type { LogRecord } from '../KafkaClient.ts';
import { murmur2 } from '../murmur2.ts';
import { Chunk, recordBytes } from './Chunk.ts';

/**
 * The last record of each key, by a hash table over the key's bytes: no string is made of a key.
 */
class LastByKey {
  #slots: Int32Array = new Int32Array(1024);
  #records: LogRecord[] = [];
  #hashes: number[] = [];

  put(record: LogRecord, key: Uint8Array): void {
    const hash = murmur2(key);
    const slot = this.#slot(key, hash);
    const index = this.#slots[slot] as number;
    if (index > 0) {
      this.#records[index - 1] = record;
      return;
    }
    this.#records.push(record);
    this.#hashes.push(hash);
    this.#slots[slot] = this.#records.length;
    if (this.#records.length * 2 > this.#slots.length) this.#grow();
  }

  get(key: Uint8Array): LogRecord | undefined {
    return this.#records[(this.#slots[this.#slot(key, murmur2(key))] as number) - 1];
  }

  #slot(key: Uint8Array, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot] as number;
      if (index === 0) return slot;
      if (this.#hashes[index - 1] !== hash) continue;
      if (equalBytes((this.#records[index - 1] as LogRecord).key as Uint8Array, key)) return slot;
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

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export interface Compaction {
  /** Records at or after it are left as they are: the last stable offset, or the lag. */
  readonly upTo: number;
  readonly now: number;
  readonly deleteRetentionMs: number;
  /** Records before it have been through here, so their bytes are their own. */
  readonly ownedTo: number;
  /** Until when each tombstone is kept, by offset: set by the compaction that first saw it. */
  readonly horizons: Map<number, number>;
  /** Leaves the records of aborted transactions away. */
  readonly committed: (records: LogRecord[]) => LogRecord[];
}

/** Keeps the last record of each key, in new chunks over the same offsets. */
export function compact(chunks: readonly Chunk[], o: Compaction): Chunk[] {
  const last = new LastByKey();
  const live = chunks.map((chunk) => o.committed(chunk.records));
  for (const records of live) {
    for (const record of records) {
      if (record.offset >= o.upTo) break;
      if (record.key !== null) last.put(record, record.key);
    }
  }
  const horizons = new Map<number, number>();
  const result: Chunk[] = [];
  let into: Chunk | undefined;
  for (let i = 0; i < chunks.length; i++) {
    const chunk = chunks[i] as Chunk;
    const records = chunk.base >= o.upTo ? chunk.records : (live[i] as LogRecord[]);
    if (into === undefined || into.isFull(Number.POSITIVE_INFINITY)) {
      into = new Chunk(chunk.base, chunk.createdAt);
      result.push(into);
    }
    for (const record of records) {
      if (record.offset < o.upTo && !isKept(record, last, o, horizons)) continue;
      const kept = record.offset < o.ownedTo ? record : owning(record);
      into.push(kept, recordBytes(record.key, record.value, record.headers));
    }
    into.end = chunk.end;
  }
  o.horizons.clear();
  for (const [offset, until] of horizons) o.horizons.set(offset, until);
  return result;
}

/**
 * What stays for long must not keep alive the large buffer its bytes were cut from. Whether they
 * were cut is not asked: looking at `buffer` moves small arrays out of the heap, which costs more
 * than a copy.
 */
function owning({ offset, timestamp, key, value, headers }: LogRecord): LogRecord {
  return { offset, timestamp, key: copied(key), value: copied(value), headers };
}

function copied(bytes: Uint8Array | null): Uint8Array | null {
  return bytes === null ? null : new Uint8Array(bytes);
}

function isKept(
  record: LogRecord,
  last: LastByKey,
  o: Compaction,
  horizons: Map<number, number>,
): boolean {
  if (record.key === null) return true;
  if (last.get(record.key) !== record) return false;
  if (record.value !== null) return true;
  const until = o.horizons.get(record.offset) ?? o.now + o.deleteRetentionMs;
  if (until <= o.now) return false;
  horizons.set(record.offset, until);
  return true;
}
