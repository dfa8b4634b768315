import type { Headers } from '../../model/logRecord.ts';
import type { Serde } from '../../serde/Serde.ts';
import { concatBytes, int32Bytes } from './concatBytes.ts';
import { checkVersion, wireVersion } from './wireVersion.ts';

/** What a record that waits in a store needs to go on as it came. */
export interface BufferedRecord {
  readonly value: unknown;
  readonly headers: Headers;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly lane: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Version; partition, offset, lane; topic; headers; then the value's bytes. Numbers are big endian,
 * texts and header values carry their length; -1 is null.
 */
export function bufferedRecord(value: Serde<unknown>): Serde<BufferedRecord> {
  return {
    name: `buffered(${value.name ?? 'custom'})`,
    encode(record) {
      const parts: Uint8Array[] = [numbers(record)];
      parts.push(...sized(encoder.encode(record.topic)));
      parts.push(int32Bytes(record.headers.length));
      for (const [name, bytes] of record.headers) {
        parts.push(...sized(encoder.encode(name)));
        parts.push(...(bytes === null ? [int32Bytes(-1)] : sized(bytes)));
      }
      parts.push(value.encode(record.value));
      const out = concatBytes(parts);
      out[0] = wireVersion;
      return out;
    },
    decode(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      checkVersion('A buffered record', bytes);
      let at = 17;
      const next = (): Uint8Array | null => {
        const length = view.getInt32(at);
        at += 4;
        if (length < 0) return null;
        at += length;
        return bytes.slice(at - length, at);
      };
      const topic = decoder.decode(next() as Uint8Array);
      const headers: [string, Uint8Array | null][] = [];
      const count = view.getInt32(at);
      at += 4;
      for (let i = 0; i < count; i++) headers.push([decoder.decode(next() as Uint8Array), next()]);
      return {
        value: value.decode(bytes.subarray(at)),
        headers,
        topic,
        partition: view.getInt32(1),
        offset: view.getFloat64(5),
        lane: view.getInt32(13),
      };
    },
  };
}

function numbers({ partition, offset, lane }: BufferedRecord): Uint8Array {
  const out = new Uint8Array(17);
  const view = new DataView(out.buffer);
  view.setInt32(1, partition);
  view.setFloat64(5, offset);
  view.setInt32(13, lane);
  return out;
}

function sized(bytes: Uint8Array): [Uint8Array, Uint8Array] {
  return [int32Bytes(bytes.length), bytes];
}
