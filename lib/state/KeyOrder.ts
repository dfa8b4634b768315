import type { Serde } from '../serde/Serde.ts';
import { string } from '../serde/string.ts';

/**
 * How a store knows keys apart and in order: by primitives, so that a look-up compares no
 * bytes.
 */
export class KeyOrder<K> {
  readonly #key: Serde<K>;
  readonly #isText: boolean;

  constructor(key: Serde<K>) {
    this.#key = key;
    this.#isText = (key as unknown) === string();
  }

  /** Text of the encoded bytes: tells keys apart that are not primitives. */
  idOf(key: K): string {
    return latin1(this.#key.encode(key));
  }

  /** Refuses a key its serde cannot encode: now, in the turn that brought it, not at the commit. */
  check(key: K): void {
    if (!this.#isText || typeof key !== 'string') this.#key.encode(key);
  }

  /** Text whose order by UTF-16 units is the order of the encoded key's bytes. */
  orderOf(key: K): string {
    return this.#isText && typeof key === 'string' ? byCodePoint(key) : this.idOf(key);
  }

  /**
   * Text with which the order texts of all keys begin whose bytes begin with these (and maybe
   * of some others).
   */
  orderOfPrefix(bytes: Uint8Array): string {
    return this.#isText ? byCodePoint(wholeCharacters(bytes)) : latin1(bytes);
  }

  hasPrefix(key: K, bytes: Uint8Array): boolean {
    const encoded = this.#key.encode(key);
    return encoded.length >= bytes.length && bytes.every((byte, i) => byte === encoded[i]);
  }
}

const highUnits = /[\ud800-\uffff]/;

/**
 * UTF-8 orders by code point, UTF-16 puts the surrogates of the highest code points below
 * U+E000: moved above them, the order of units is that of code points.
 */
function byCodePoint(text: string): string {
  if (!highUnits.test(text)) return text;
  let moved = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const shift = unit < 0xd800 ? 0 : unit < 0xe000 ? 0x2000 : -0x800;
    moved += String.fromCharCode(unit + shift);
  }
  return moved;
}

/** One character a byte. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 1024) {
    text += String.fromCharCode.apply(null, bytes.subarray(i, i + 1024) as unknown as number[]);
  }
  return text;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of UTF-8 bytes up to a last character that is cut off. */
function wholeCharacters(bytes: Uint8Array): string {
  let start = bytes.length;
  while (start > 0 && ((bytes[start - 1] as number) & 0xc0) === 0x80) start--;
  const lead = start === 0 ? 0 : (bytes[start - 1] as number);
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const isCut = start > 0 && start - 1 + length > bytes.length;
  return decoder.decode(isCut ? bytes.subarray(0, start - 1) : bytes);
}
