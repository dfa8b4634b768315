import { StreamsError } from '../errors.ts';
import type { Windowed } from '../model/Windowed.ts';
import type { Serde } from './Serde.ts';

/**
 * Windowed keys in the binary forms of Kafka Streams.
 *
 * Without `sizeMs`: the inner key, then end and start (8 bytes each, big endian), as its session-windowed serializer
 * writes them; nothing is lost, whatever the window. With `sizeMs`: the inner key, then the start, as its time-windowed
 * serializer writes them; the end is start + size. The inner key alone chooses the partition.
 */
export function windowed<K>(key: Serde<K>, o: { readonly sizeMs?: number } = {}): Serde<Windowed<K>> {
  const { sizeMs } = o;
  const tail = sizeMs === undefined ? 16 : 8;
  return {
    name: `windowed(${key.name ?? 'custom'}${sizeMs === undefined ? '' : `, ${sizeMs}`})`,
    encode(value) {
      const inner = key.encode(value.key);
      const out = new Uint8Array(inner.length + tail);
      out.set(inner);
      const view = new DataView(out.buffer);
      view.setBigInt64(inner.length, BigInt(sizeMs === undefined ? value.end : value.start));
      if (sizeMs === undefined) view.setBigInt64(inner.length + 8, BigInt(value.start));
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
