/**
 * Text to UTF-8 and back, for many short texts: the bytes are cut from a slab, as an allocation of
 * its own for each costs more than the encoding (measured: 1.1 of 17 microseconds a record, and
 * most of the garbage).
 */
const encoder = new TextEncoder();
const slabBytes = 1 << 16;
/** Beyond it a text has bytes of its own: it would use up the slab. */
const longestInSlab = 1 << 12;
/** Up to here a loop is faster than the call. */
const shortest = 24;

let slab = new Uint8Array(slabBytes);
let used = 0;

/**
 * The bytes are part of a larger buffer: they stay as they are, but are no view to transfer or to
 * keep for one alone.
 */
export function encodeUtf8(text: string): Uint8Array {
  const { length } = text;
  if (length > longestInSlab) return encoder.encode(text);
  if (slabBytes - used < length * 3) {
    slab = new Uint8Array(slabBytes);
    used = 0;
  }
  const written = length <= shortest ? encodeAscii(text, length) : -1;
  const end =
    used + (written >= 0 ? written : encoder.encodeInto(text, slab.subarray(used)).written);
  const bytes = slab.subarray(used, end);
  used = end;
  return bytes;
}

/** -1: it is more than ASCII. */
function encodeAscii(text: string, length: number): number {
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return -1;
    slab[used + i] = code;
  }
  return length;
}
