import { StateCorruptError } from '../errors.ts';
import { json } from '../serde/json.ts';
import type { Serde } from '../serde/Serde.ts';
import { string } from '../serde/string.ts';
import { encodeUtf8 } from '../serde/utf8.ts';
import type { Row } from './RowStore.ts';

/*
 * The form of rows in changelogs and checkpoints. It outlives every process: a change of it is
 * a new version byte, and what is written in an old one stays readable.
 *
 * A record's key is a kind byte and what it names:
 *
 *   0  key                        the row of a key with major and minor 0: a key-value store's
 *   1  name                       a cell: numbers of the operator that owns the store
 *   2  key' 00 00  major  minor   any other row; in key' each 00 is 00 ff
 *
 * `major` and `minor` are 8 bytes, big endian, with the sign bit turned: of the same kind, the
 * order of bytes is that of (key, major, minor).
 *
 * Its value is a version byte (1), the event time (8 bytes, big endian, signed) and the value's
 * own bytes; of a cell, time 0 and its numbers as doubles. The event time is in here and not
 * the record's own: a broker compares that with its clock, and deletes or keeps records by it.
 * No value deletes the row.
 */

export const plainRow = 0;
export const cellRow = 1;
export const placedRow = 2;
const version = 1;
const headBytes = 9;

/** The changelog topic of a store. */
export function changelogTopic(applicationId: string, store: string): string {
  return `${applicationId}-${store}-changelog`;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What a row's key says. */
export type RowPlace<K> =
  | { readonly kind: 'row'; readonly key: K; readonly major: number; readonly minor: number }
  | { readonly kind: 'cell'; readonly name: string };

/** Rows of one store to bytes and back. */
export class RowFormat<K, V> {
  readonly #store: string;
  readonly #key: Serde<K>;
  readonly #value: Serde<V>;
  readonly #textOfKey: ((key: K) => string | undefined) | null;
  readonly #textOfValue: ((value: V) => string | undefined) | null;

  constructor(o: { readonly name: string; readonly key: Serde<K>; readonly value: Serde<V> }) {
    this.#store = o.name;
    this.#key = o.key;
    this.#value = o.value;
    this.#textOfKey = textOf(o.key);
    this.#textOfValue = textOf(o.value);
  }

  encodeKey(key: K, major: number, minor: number): Uint8Array {
    const isPlain = major === 0 && minor === 0;
    const text = this.#textOfKey?.(key);
    if (text !== undefined) {
      const ascii = withAscii(1, text, isPlain ? 0 : 18);
      if (ascii !== null) {
        if (!isPlain) writePlace(ascii, text.length + 3, major, minor);
        return ascii;
      }
    }
    const bytes = this.#key.encode(key);
    return isPlain ? prefixed(plainRow, bytes) : placedKey(bytes, major, minor);
  }

  encodeRow(row: Row<V>): Uint8Array {
    const bytes = this.#withHead(row.value);
    bytes[0] = version;
    writeInt64(bytes, 1, row.timestamp, 0);
    return bytes;
  }

  decodeKey(bytes: Uint8Array): RowPlace<K> {
    try {
      switch (bytes[0]) {
        case plainRow:
          return { kind: 'row', key: this.#key.decode(bytes.subarray(1)), major: 0, minor: 0 };
        case cellRow:
          return { kind: 'cell', name: decoder.decode(bytes.subarray(1)) };
        case placedRow: {
          const { key, major, minor } = readPlacedKey(bytes);
          return { kind: 'row', key: this.#key.decode(key), major, minor };
        }
        default:
          throw new Error(`kind ${bytes[0]} is not known`);
      }
    } catch (cause) {
      throw this.#corrupt('key', cause);
    }
  }

  decodeRow(bytes: Uint8Array): Row<V> {
    try {
      checkVersion(bytes);
      return {
        value: this.#value.decode(bytes.subarray(headBytes)),
        timestamp: readInt64(bytes, 1, 0),
      };
    } catch (cause) {
      throw this.#corrupt('value', cause);
    }
  }

  decodeCell(bytes: Uint8Array): readonly number[] {
    try {
      checkVersion(bytes);
      return readNumbers(bytes);
    } catch (cause) {
      throw this.#corrupt('numbers', cause);
    }
  }

  #withHead(value: V): Uint8Array {
    const text = this.#textOfValue?.(value);
    const ascii = text === undefined ? null : withAscii(headBytes, text, 0);
    if (ascii !== null) return ascii;
    const encoded = text === undefined ? this.#value.encode(value) : encodeUtf8(text);
    const bytes = new Uint8Array(headBytes + encoded.length);
    bytes.set(encoded, headBytes);
    return bytes;
  }

  #corrupt(what: string, cause: unknown): StateCorruptError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new StateCorruptError(
      `Store "${this.#store}" holds a row whose ${what} cannot be read (${reason}): ` +
        'give the store the serdes it was written with, or a new name, or delete its checkpoint and changelog topic.',
      { cause },
    );
  }
}

/** The key of a cell's row. */
export function cellKey(name: string): Uint8Array {
  return prefixed(cellRow, encoder.encode(name));
}

/** A cell's numbers as a row's value. */
export function encodeNumbers(numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(headBytes + 8 * numbers.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = version;
  for (let i = 0; i < numbers.length; i++) view.setFloat64(headBytes + 8 * i, numbers[i] as number);
  return bytes;
}

function readNumbers(bytes: Uint8Array): readonly number[] {
  if ((bytes.length - headBytes) % 8 !== 0) throw new Error(`${bytes.length} bytes are no numbers`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers: number[] = [];
  for (let i = headBytes; i < bytes.length; i += 8) numbers.push(view.getFloat64(i));
  return numbers;
}

/** Major and minor of a placed row's key, with the encoded key. */
export function readPlacedKey(bytes: Uint8Array): {
  readonly key: Uint8Array;
  readonly major: number;
  readonly minor: number;
} {
  const end = bytes.length - 18;
  if (end < 1 || bytes[end] !== 0 || bytes[end + 1] !== 0) throw new Error('it is cut short');
  return {
    key: unescaped(bytes.subarray(1, end)),
    major: readInt64(bytes, end + 2, 0x80),
    minor: readInt64(bytes, end + 10, 0x80),
  };
}

/** The key of a row that has a place; infinite bounds are allowed, for ranges. */
export function placedKey(key: Uint8Array, major: number, minor: number): Uint8Array {
  const head = placedPrefix(key);
  const bytes = new Uint8Array(head.length + 16);
  bytes.set(head);
  writePlace(bytes, head.length, major, minor);
  return bytes;
}

function writePlace(bytes: Uint8Array, at: number, major: number, minor: number): void {
  bytes[0] = placedRow;
  writeInt64(bytes, at, major, 0x80);
  writeInt64(bytes, at + 8, minor, 0x80);
}

/** With what the keys of all placed rows of a key begin. */
export function placedPrefix(key: Uint8Array): Uint8Array {
  let zeros = 0;
  for (let i = 0; i < key.length; i++) if (key[i] === 0) zeros++;
  const bytes = new Uint8Array(key.length + zeros + 3);
  bytes[0] = placedRow;
  if (zeros === 0) {
    bytes.set(key, 1);
    return bytes;
  }
  let at = 1;
  for (const byte of key) {
    bytes[at++] = byte;
    if (byte === 0) bytes[at++] = 0xff;
  }
  return bytes;
}

/**
 * A row's key in order of time: major, key', 00 00, minor. Null for what has no place in time:
 * a cell, and what is no key of a row.
 */
export function timeKey(rowKey: Uint8Array): Uint8Array | null {
  const kind = rowKey[0];
  if (kind === plainRow) return timeKey(placedKey(rowKey.subarray(1), 0, 0));
  const end = rowKey.length - 16;
  if (kind !== placedRow || end < 3) return null;
  const bytes = new Uint8Array(rowKey.length - 1);
  bytes.set(rowKey.subarray(end, end + 8));
  bytes.set(rowKey.subarray(1, end), 8);
  bytes.set(rowKey.subarray(end + 8), end + 7);
  return bytes;
}

/** The row's key of a time key. */
export function rowKeyOf(time: Uint8Array): Uint8Array {
  const end = time.length - 8;
  const bytes = new Uint8Array(time.length + 1);
  bytes[0] = placedRow;
  bytes.set(time.subarray(8, end), 1);
  bytes.set(time.subarray(0, 8), end - 7);
  bytes.set(time.subarray(end), end + 1);
  const { key, major, minor } = readPlacedKey(bytes);
  return major === 0 && minor === 0 ? prefixed(plainRow, key) : bytes;
}

/** The first bytes of a time key. */
export function timeKeyBound(major: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeInt64(bytes, 0, major, 0x80);
  return bytes;
}

/** Bytes behind a kind byte. */
export function prefixed(kind: number, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + 1);
  out[0] = kind;
  out.set(bytes, 1);
  return out;
}

/**
 * Writes a whole number, big endian; `flip` 0x80 turns the sign bit, so that bytes are in
 * order.
 */
export function writeInt64(bytes: Uint8Array, at: number, n: number, flip: number): void {
  if (n === Infinity || n === -Infinity) {
    bytes.fill(n > 0 ? 0xff : 0, at, at + 8);
    return;
  }
  const high = Math.floor(n / 4_294_967_296);
  const low = n - high * 4_294_967_296;
  bytes[at] = (high >> 24) ^ flip;
  bytes[at + 1] = high >> 16;
  bytes[at + 2] = high >> 8;
  bytes[at + 3] = high;
  bytes[at + 4] = low >>> 24;
  bytes[at + 5] = low >>> 16;
  bytes[at + 6] = low >>> 8;
  bytes[at + 7] = low;
}

function readInt64(bytes: Uint8Array, at: number, flip: number): number {
  const high = word(bytes, at) ^ (flip << 24);
  return high * 4_294_967_296 + (word(bytes, at + 4) >>> 0);
}

function word(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

function unescaped(bytes: Uint8Array): Uint8Array {
  const zero = bytes.indexOf(0);
  if (zero < 0) return bytes;
  const out: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    out.push(byte);
    if (byte === 0 && bytes[++i] !== 0xff) throw new Error('a zero byte is not escaped');
  }
  return Uint8Array.from(out);
}

function checkVersion(bytes: Uint8Array): void {
  if (bytes.length < headBytes) throw new Error('it is cut short');
  if (bytes[0] !== version) throw new Error(`format ${bytes[0]} is not known`);
}

/**
 * What a serde makes UTF-8 of, where that is known; undefined where the serde must speak: it
 * has the message.
 */
function textOf<T>(serde: Serde<T>): ((value: T) => string | undefined) | null {
  if ((serde as unknown) === string()) return textOfString;
  return (serde as unknown) === json() ? textOfJson : null;
}

function textOfString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function textOfJson(value: unknown): string | undefined {
  return JSON.stringify(value);
}

/**
 * Text between so many bytes before and behind it. Most texts are short and plain ASCII: for
 * them a loop is faster than the encoder and a copy. Null for all others.
 */
function withAscii(before: number, text: string, behind: number): Uint8Array | null {
  const { length } = text;
  if (length > 64) return null;
  const bytes = new Uint8Array(before + length + behind);
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    // Zero is what keys escape.
    if (unit > 0x7f || unit === 0) return null;
    bytes[before + i] = unit;
  }
  return bytes;
}
