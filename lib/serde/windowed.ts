import { StreamsError } from '../errors.ts';
import type { Windowed } from '../model/Windowed.ts';
import type { Serde } from './Serde.ts';

/**
 * Windowed keys in the binary forms of Kafka Streams.
 *
 * Without `sizeMs`: the inner key, then end and start (8 bytes each, big endian), as its
 * session-windowed serializer writes them; nothing is lost, whatever the window. With `sizeMs`: the
 * inner key, then the start, as its time-windowed serializer writes them; the end is start + size.
 * The inner key alone chooses the partition.
 */
export function windowed<K>(
  key: Serde<K>,
  o: { readonly sizeMs?: number } = {},
): Serde<Windowed<K>> {
  const { sizeMs } = o;
  const tail = sizeMs === undefined ? 16 : 8;
  return {
    name: `windowed(${key.name ?? 'custom'}${sizeMs === undefined ? '' : `, ${sizeMs}`})`,
    encode(value) {
      const inner = key.encode(value.key);
      const out = new Uint8Array(inner.length + tail);
      out.set(inner);
      putLong(out, inner.length, sizeMs === undefined ? value.end : value.start);
      if (sizeMs === undefined) putLong(out, inner.length + 8, value.start);
      return out;
    },
    decode(bytes) {
      const length = bytes.length - tail;
      if (length < 0) {
        throw new StreamsError(
          'UNDECODABLE',
          `A windowed key has at least ${tail} bytes, these are ${bytes.length}.`,
        );
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const first = Number(view.getBigInt64(length));
      const inner = key.decode(bytes.subarray(0, length));
      return sizeMs === undefined
        ? { key: inner, start: Number(view.getBigInt64(length + 8)), end: first }
        : { key: inner, start: first, end: first + sizeMs };
    },
    partitionBytes: (value) => key.encode(value.key),
  };
}

/** A whole number, as 8 bytes big endian in two's complement: without a bigint for each. */
function putLong(bytes: Uint8Array, at: number, value: number): void {
  let high = Math.floor(value / 4_294_967_296);
  let low = value - high * 4_294_967_296;
  for (let i = 3; i >= 0; i--) {
    bytes[at + i] = high & 0xff;
    high >>= 8;
    bytes[at + 4 + i] = low & 0xff;
    low = Math.floor(low / 256);
  }
}
