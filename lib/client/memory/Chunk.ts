import type { Headers, LogRecord, NewRecord } from '../KafkaClient.ts';

const mostRecords = 2048;
const mostBytes = 1 << 20;
/** Up to this length a loop copies faster than a call. */
const copyByLoop = 40;

const noHeaders: Headers = [];

/** What is noted of each record, beside its time: places in an array of whole numbers. */
const note = { delta: 0, start: 1, keyLength: 2, valueLength: 3, bytesUpTo: 4, count: 5 } as const;
/** The length of null. */
const none = -1;

/**
 * A stretch of a log: offsets from `base` to before `end`, of which some hold no record (markers,
 * compacted ones). Keys and values lie in it as bytes, one after the other, as in a segment's file:
 * a log of millions of objects costs the garbage collector more than all else (of a windowed count
 * 42% of the time). Retention drops whole chunks.
 */
export class Chunk {
  readonly base: number;
  readonly createdAt: number;
  end: number;
  maxTimestamp: number = Number.NEGATIVE_INFINITY;
  #count = 0;
  #used = 0;
  #bytes: Uint8Array<ArrayBuffer>;
  #notes: Int32Array;
  #times: Float64Array;
  /** Null: no record has any. */
  #headers: Headers[] | null = null;

  /** `like`: the chunk before, which tells about how much room will be needed. */
  constructor(base: number, createdAt: number, like?: Chunk) {
    this.base = base;
    this.createdAt = createdAt;
    this.end = base;
    const records = like?.count ?? 16;
    this.#bytes = new Uint8Array(like === undefined ? 256 : Math.ceil(like.#used * 1.125));
    this.#notes = new Int32Array(records * note.count);
    this.#times = new Float64Array(records);
  }

  /** How many records it holds. */
  get count(): number {
    return this.#count;
  }

  /** About what its records take in a real log. */
  get bytes(): number {
    return this.bytesBefore(this.#count);
  }

  bytesBefore(index: number): number {
    return index === 0 ? 0 : this.#noted(index - 1, note.bytesUpTo);
  }

  isFull(segmentBytes: number): boolean {
    return this.#count >= mostRecords || this.bytes >= Math.min(mostBytes, segmentBytes);
  }

  /** Copies a record in; answers about what it takes in a real log. */
  push(offset: number, timestamp: number, record: NewRecord): number {
    const { key, value, headers = noHeaders } = record;
    const bytes = recordBytes(key, value, headers);
    const keyLength = key === null ? 0 : key.length;
    const start = this.#makeRoom(keyLength + (value === null ? 0 : value.length));
    if (key !== null) this.#copy(key, start);
    if (value !== null) this.#copy(value, start + keyLength);
    this.#note(offset, timestamp, start, key?.length ?? none, value?.length ?? none, bytes);
    if (headers.length > 0) this.#keepHeaders(headers);
    return bytes;
  }

  /** Copies a record of another chunk in. */
  pushFrom(other: Chunk, index: number): void {
    const start = other.#noted(index, note.start);
    const keyLength = other.#noted(index, note.keyLength);
    const valueLength = other.#noted(index, note.valueLength);
    const length = Math.max(0, keyLength) + Math.max(0, valueLength);
    const at = this.#makeRoom(length);
    this.#bytes.set(other.#bytes.subarray(start, start + length), at);
    const bytes = other.bytesBefore(index + 1) - other.bytesBefore(index);
    const { [index]: timestamp = 0 } = other.#times;
    this.#note(other.offsetAt(index), timestamp, at, keyLength, valueLength, bytes);
    const headers = other.#headers?.[index];
    if (headers !== undefined) this.#keepHeaders(headers);
  }

  offsetAt(index: number): number {
    return this.base + this.#noted(index, note.delta);
  }

  timeAt(index: number): number {
    return this.#times[index] as number;
  }

  hasKey(index: number): boolean {
    return this.#noted(index, note.keyLength) !== none;
  }

  hasValue(index: number): boolean {
    return this.#noted(index, note.valueLength) !== none;
  }

  /** A number that equal keys share. */
  hashOfKey(index: number): number {
    const start = this.#noted(index, note.start);
    const end = start + this.#noted(index, note.keyLength);
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ (this.#bytes[at] as number), 0x01000193);
    }
    return hash ^ (hash >>> 15);
  }

  hasSameKey(index: number, other: Chunk, otherIndex: number): boolean {
    const length = this.#noted(index, note.keyLength);
    if (other.#noted(otherIndex, note.keyLength) !== length) return false;
    const start = this.#noted(index, note.start);
    const otherStart = other.#noted(otherIndex, note.start);
    for (let n = 0; n < length; n++) {
      if (this.#bytes[start + n] !== other.#bytes[otherStart + n]) return false;
    }
    return true;
  }

  /** Records, keys and values as views: what lies here never changes. */
  slice(from: number, to: number): LogRecord[] {
    const records: LogRecord[] = [];
    const { buffer } = this.#bytes;
    for (let index = from; index < to; index++) {
      const start = this.#noted(index, note.start);
      const keyLength = this.#noted(index, note.keyLength);
      const valueLength = this.#noted(index, note.valueLength);
      const valueStart = start + Math.max(0, keyLength);
      records.push({
        offset: this.offsetAt(index),
        timestamp: this.#times[index] as number,
        key: keyLength === none ? null : new Uint8Array(buffer, start, keyLength),
        value: valueLength === none ? null : new Uint8Array(buffer, valueStart, valueLength),
        headers: this.#headers?.[index] ?? noHeaders,
      });
    }
    return records;
  }

  /** The index of the first record at or after an offset. */
  indexOf(offset: number): number {
    const guess = offset - this.base;
    if (guess < this.#count && this.offsetAt(guess) === offset) return guess;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.offsetAt(middle) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How far from `from` a read may go within `maxBytes`. */
  cut(from: number, to: number, maxBytes: number): number {
    const most = this.bytesBefore(from) + maxBytes;
    if (this.bytesBefore(to) <= most) return to;
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.bytesBefore(middle + 1) <= most) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #noted(index: number, what: number): number {
    return this.#notes[index * note.count + what] as number;
  }

  #note(
    offset: number,
    timestamp: number,
    start: number,
    keyLength: number,
    valueLength: number,
    bytes: number,
  ): void {
    const before = this.bytes;
    const index = this.#count++;
    if (index === this.#times.length) this.#growNotes();
    const at = index * note.count;
    const notes = this.#notes;
    notes[at + note.delta] = offset - this.base;
    notes[at + note.start] = start;
    notes[at + note.keyLength] = keyLength;
    notes[at + note.valueLength] = valueLength;
    notes[at + note.bytesUpTo] = before + bytes;
    this.#times[index] = timestamp;
    this.end = offset + 1;
    if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp;
  }

  /** Of the record noted last. */
  #keepHeaders(headers: Headers): void {
    this.#headers ??= [];
    this.#headers[this.#count - 1] = headers;
  }

  #copy(from: Uint8Array, to: number): void {
    const bytes = this.#bytes;
    if (from.length > copyByLoop) bytes.set(from, to);
    else for (let n = 0; n < from.length; n++) bytes[to + n] = from[n] as number;
  }

  /** Where the next so many bytes go. Views of what lay there before stay with the old array. */
  #makeRoom(length: number): number {
    const start = this.#used;
    this.#used += length;
    if (this.#used > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#used, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
    }
    return start;
  }

  #growNotes(): void {
    const capacity = Math.max(16, this.#times.length * 2);
    const notes = new Int32Array(capacity * note.count);
    notes.set(this.#notes);
    this.#notes = notes;
    const times = new Float64Array(capacity);
    times.set(this.#times);
    this.#times = times;
  }
}

/** About what a record takes in a real log: twelve bytes of offsets, lengths and timestamp. */
function recordBytes(key: Uint8Array | null, value: Uint8Array | null, headers: Headers): number {
  let bytes = 12;
  if (key !== null) bytes += key.length;
  if (value !== null) bytes += value.length;
  for (let i = 0; i < headers.length; i++) {
    const [name, content] = headers[i] as Headers[number];
    bytes += name.length + 2 + (content === null ? 0 : content.length);
  }
  return bytes;
}
