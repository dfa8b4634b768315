import type { AnySerde } from '../topology/NodeSpec.ts';

const slots = 1 << 14;
const longest = 64;

/**
 * Decodes keys, and gives the same object for the same bytes: most keys come again, and a key that
 * is the same object is cheap to compare and need not be encoded anew. A fixed table: the latest
 * key of a slot wins.
 */
export class KeyInterner {
  /** The bytes of the key decoded last: safe to keep. */
  bytes: Uint8Array = new Uint8Array(0);
  readonly #decode: (bytes: Uint8Array) => unknown;
  readonly #bytes = new Array<Uint8Array | undefined>(slots);
  readonly #keys = new Array<unknown>(slots);

  constructor(serde: AnySerde) {
    this.#decode = (bytes) => serde.decode(bytes);
  }

  decode(bytes: Uint8Array): unknown {
    if (bytes.length > longest) {
      this.bytes = bytes;
      return this.#decode(bytes);
    }
    let hash = 0x811c9dc5;
    for (let i = 0; i < bytes.length; i++)
      hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (slots - 1);
    const known = this.#bytes[slot];
    if (known !== undefined && same(known, bytes)) {
      this.bytes = known;
      return this.#keys[slot];
    }
    const key = this.#decode(bytes);
    const kept = bytes.slice();
    this.bytes = kept;
    // An object may be changed by whoever gets it: only what cannot change is shared.
    if (typeof key === 'string' || typeof key === 'number') {
      this.#bytes[slot] = kept;
      this.#keys[slot] = key;
    }
    return key;
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
