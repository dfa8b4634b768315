import type { Serde } from 'rxkstreams';
import type { Key, WindowedKey } from './values.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/**
 * Between a windowed key's text and its bounds: no text has these bytes, and they sort before all
 * that go on.
 */
const mark = [0x00, 0xff];
const tail = mark.length + 16;

/**
 * Keys as text, UTF-8 as it is; windowed keys as text, a mark, start and end. Byte order is key
 * order.
 */
export const keys: Serde<Key> = {
  name: 'conformance-key',
  encode(key) {
    if (typeof key === 'string') return encoder.encode(key);
    const { key: inner, start, end } = key as WindowedKey;
    const text = encoder.encode(inner);
    const bytes = new Uint8Array(text.length + tail);
    bytes.set(text);
    bytes.set(mark, text.length);
    const view = new DataView(bytes.buffer);
    view.setBigInt64(text.length + mark.length, BigInt(start));
    view.setBigInt64(text.length + mark.length + 8, BigInt(end));
    return bytes;
  },
  decode(bytes) {
    const length = bytes.length - tail;
    if (length < 0 || bytes[length] !== mark[0] || bytes[length + 1] !== mark[1]) {
      return decoder.decode(bytes);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const start = Number(view.getBigInt64(length + mark.length));
    const end = Number(view.getBigInt64(length + mark.length + 8));
    return { key: decoder.decode(bytes.subarray(0, length)), start, end };
  },
  partitionBytes: (key) => encoder.encode(typeof key === 'string' ? key : (key as WindowedKey).key),
};

/** Byte order of the text, then start, then end. */
export function compareKeys(a: Key, b: Key): number {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1);
  return Buffer.compare(keys.encode(a), keys.encode(b));
}
