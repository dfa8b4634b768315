import type { Buffer } from 'node:buffer';
import { KafkaError } from '../../../errors.ts';

const twoTo32 = 4294967296;

/**
 * Reads Kafka's primitive types from bytes that may lie: whatever is read is checked against the
 * end first, and a length or count is believed only as far as bytes are there to back it.
 */
export class ProtocolReader {
  readonly #buffer: Buffer;
  #at: number;
  readonly #end: number;

  constructor(buffer: Buffer, start = 0, end: number = buffer.length) {
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#end - this.#at;
  }

  /** Where the next byte lies in the buffer. */
  get position(): number {
    return this.#at;
  }

  int8(): number {
    const at = this.#take(1);
    return ((this.#buffer[at] as number) << 24) >> 24;
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  int16(): number {
    const at = this.#take(2);
    const buffer = this.#buffer;
    return (((buffer[at] as number) << 24) >> 16) | (buffer[at + 1] as number);
  }

  int32(): number {
    return this.#int32At(this.#take(4));
  }

  /** The next 32 bits, left where they are; 0 when there are not as many. */
  peekInt32(): number {
    return this.remaining < 4 ? 0 : this.#int32At(this.#at);
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  int64(): number {
    const at = this.#take(8);
    const value = this.#int32At(at) * twoTo32 + (this.#int32At(at + 4) >>> 0);
    if (!Number.isSafeInteger(value)) throw corrupt('a 64-bit value beyond 2^53');
    return value;
  }

  /** Zigzag, up to 32 bits. */
  varint(): number {
    const value = this.uvarint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** Zigzag, up to 64 bits. */
  varlong(): number {
    // The zigzag form of a large number passes 2^53, so its sign bit is kept apart.
    let byte = this.#buffer[this.#take(1)] as number;
    const isNegative = (byte & 1) !== 0;
    let half = (byte & 0x7f) >> 1;
    let scale = 64;
    for (let n = 0; n < 10; n++) {
      if (byte < 0x80) return isNegative ? -half - 1 : half;
      byte = this.#buffer[this.#take(1)] as number;
      half += (byte & 0x7f) * scale;
      scale *= 0x80;
    }
    throw corrupt('a variable-length integer of more than ten bytes');
  }

  /** Unsigned, up to 32 bits. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#buffer[this.#take(1)] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw corrupt('a variable-length integer of more than five bytes');
  }

  /** A view of the next bytes. */
  raw(length: number): Buffer {
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }

  string(): string {
    const value = this.nullableString();
    if (value === null) throw corrupt('null where a string must be');
    return value;
  }

  nullableString(): string | null {
    const length = this.int16();
    return length === -1 ? null : this.#text(length);
  }

  compactString(): string {
    const value = this.compactNullableString();
    if (value === null) throw corrupt('null where a string must be');
    return value;
  }

  compactNullableString(): string | null {
    const length = this.uvarint() - 1;
    return length === -1 ? null : this.#text(length);
  }

  byteArray(): Buffer {
    const value = this.nullableBytes();
    if (value === null) throw corrupt('null where bytes must be');
    return value;
  }

  nullableBytes(): Buffer | null {
    const length = this.int32();
    return length === -1 ? null : this.raw(length);
  }

  compactBytes(): Buffer {
    const value = this.compactNullableBytes();
    if (value === null) throw corrupt('null where bytes must be');
    return value;
  }

  compactNullableBytes(): Buffer | null {
    const length = this.uvarint() - 1;
    return length === -1 ? null : this.raw(length);
  }

  /** An array; a null one reads as empty. */
  array<T>(read: (reader: this) => T): T[] {
    return this.#items(this.int32(), read);
  }

  nullableArray<T>(read: (reader: this) => T): T[] | null {
    const count = this.int32();
    return count === -1 ? null : this.#items(count, read);
  }

  /** An array of a flexible version; a null one reads as empty. */
  compactArray<T>(read: (reader: this) => T): T[] {
    return this.#items(this.uvarint() - 1, read);
  }

  /** Passes over the tagged fields at the end of a structure in a flexible version. */
  skipTags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint();
      this.#take(this.uvarint());
    }
  }

  #items<T>(count: number, read: (reader: this) => T): T[] {
    if (count === -1) return [];
    // No item is smaller than a byte, so more items than bytes is a lie. Pushing, not
    // preallocating, keeps memory in step with what was truly read.
    if (count < 0 || count > this.remaining) throw corrupt(`an array of ${count} items`);
    const items: T[] = [];
    for (let n = 0; n < count; n++) items.push(read(this));
    return items;
  }

  #text(length: number): string {
    const at = this.#take(length);
    return this.#buffer.toString('utf8', at, at + length);
  }

  #int32At(at: number): number {
    const buffer = this.#buffer;
    return (
      ((buffer[at] as number) << 24) |
      ((buffer[at + 1] as number) << 16) |
      ((buffer[at + 2] as number) << 8) |
      (buffer[at + 3] as number)
    );
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (bytes < 0 || bytes > this.#end - at) {
      throw corrupt(`${bytes} bytes are needed where ${this.#end - at} are left`);
    }
    this.#at = at + bytes;
    return at;
  }
}

function corrupt(what: string): KafkaError {
  return new KafkaError(
    'PROTOCOL_CORRUPT',
    `The broker's answer cannot be read: ${what}. Check that the address is a Kafka broker's ` +
      'and that nothing between rewrites its bytes.',
  );
}
