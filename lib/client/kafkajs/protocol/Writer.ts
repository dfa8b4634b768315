import { Buffer } from 'node:buffer';
import { KafkaError } from '../../../errors.ts';

const twoTo32 = 4294967296;
/** The length of a string is an INT16. */
const longestString = 32_767;

/**
 * Writes Kafka's primitive types, big-endian, into a buffer that grows. Sixty-four-bit values are
 * numbers: all that Kafka counts stays below 2^53.
 */
export class ProtocolWriter {
  #buffer: Buffer;
  #at = 0;

  constructor(initialBytes = 256) {
    this.#buffer = Buffer.allocUnsafe(initialBytes);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#at;
  }

  /** A view of what was written; later writes may leave it behind. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  int8(value: number): this {
    const at = this.#take(1);
    this.#buffer[at] = value & 0xff;
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  int16(value: number): this {
    const at = this.#take(2);
    const buffer = this.#buffer;
    buffer[at] = value >>> 8;
    buffer[at + 1] = value;
    return this;
  }

  int32(value: number): this {
    this.#writeInt32(this.#take(4), value);
    return this;
  }

  int64(value: number): this {
    const at = this.#take(8);
    this.#writeInt32(at, Math.floor(value / twoTo32));
    this.#writeInt32(at + 4, value);
    return this;
  }

  /** Overwrites four bytes written before: lengths and checksums are known late. */
  patchInt32(at: number, value: number): void {
    this.#writeInt32(at, value);
  }

  /** Zigzag, up to 32 bits. */
  varint(value: number): this {
    return this.uvarint(((value << 1) ^ (value >> 31)) >>> 0);
  }

  /** Zigzag, for any safe integer. */
  varlong(value: number): this {
    if (value >= -0x40000000 && value <= 0x3fffffff) return this.varint(value);
    // The zigzag form of a large number passes 2^53, so its lowest seven bits are made apart.
    const half = value < 0 ? -value - 1 : value;
    const at = this.#take(10);
    let end = at;
    this.#buffer[end++] = ((half % 64) * 2 + (value < 0 ? 1 : 0)) | 0x80;
    let rest = Math.floor(half / 64);
    while (rest >= 0x80) {
      this.#buffer[end++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[end++] = rest;
    this.#at = end;
    return this;
  }

  /** Unsigned, up to 32 bits. */
  uvarint(value: number): this {
    const start = this.#take(5);
    const buffer = this.#buffer;
    let at = start;
    let rest = value >>> 0;
    while (rest > 0x7f) {
      buffer[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[at++] = rest;
    this.#at = at;
    return this;
  }

  /** Bytes as they are, without a length. */
  raw(value: Uint8Array): this {
    const at = this.#take(value.length);
    this.#buffer.set(value, at);
    return this;
  }

  string(value: string): this {
    const length = Buffer.byteLength(value);
    if (length > longestString) throw tooLong(length);
    this.int16(length);
    this.#text(value, length);
    return this;
  }

  nullableString(value: string | null): this {
    return value === null ? this.int16(-1) : this.string(value);
  }

  compactString(value: string): this {
    const length = Buffer.byteLength(value);
    this.uvarint(length + 1);
    this.#text(value, length);
    return this;
  }

  compactNullableString(value: string | null): this {
    return value === null ? this.uvarint(0) : this.compactString(value);
  }

  /** A string with a zigzag length, as record headers have. */
  varintString(value: string): this {
    const length = Buffer.byteLength(value);
    this.varint(length);
    this.#text(value, length);
    return this;
  }

  byteArray(value: Uint8Array): this {
    return this.int32(value.length).raw(value);
  }

  nullableBytes(value: Uint8Array | null): this {
    return value === null ? this.int32(-1) : this.byteArray(value);
  }

  compactBytes(value: Uint8Array): this {
    return this.uvarint(value.length + 1).raw(value);
  }

  compactNullableBytes(value: Uint8Array | null): this {
    return value === null ? this.uvarint(0) : this.compactBytes(value);
  }

  /** Bytes with a zigzag length, as records have; null is -1. */
  varintBytes(value: Uint8Array | null): this {
    return value === null ? this.varint(-1) : this.varint(value.length).raw(value);
  }

  array<T>(items: readonly T[], write: (item: T, writer: this) => void): this {
    this.int32(items.length);
    for (const item of items) write(item, this);
    return this;
  }

  nullableArray<T>(items: readonly T[] | null, write: (item: T, writer: this) => void): this {
    return items === null ? this.int32(-1) : this.array(items, write);
  }

  compactArray<T>(items: readonly T[], write: (item: T, writer: this) => void): this {
    this.uvarint(items.length + 1);
    for (const item of items) write(item, this);
    return this;
  }

  /** The end of a structure in a flexible version: no tagged fields. */
  noTags(): this {
    return this.uvarint(0);
  }

  #text(value: string, length: number): void {
    const at = this.#take(length);
    this.#buffer.write(value, at, 'utf8');
  }

  #writeInt32(at: number, value: number): void {
    const buffer = this.#buffer;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
  }

  /** Makes room and moves on; the answer is where to write. */
  #take(bytes: number): number {
    const at = this.#at;
    const end = at + bytes;
    if (end > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(end, this.#buffer.length * 2));
      grown.set(this.#buffer.subarray(0, at));
      this.#buffer = grown;
    }
    this.#at = end;
    return at;
  }
}

function tooLong(bytes: number): KafkaError {
  return new KafkaError(
    'INVALID_OPTION',
    `A name or text of ${bytes} bytes does not fit into a request: Kafka's are at most ` +
      `${longestString} bytes long.`,
  );
}
