import { StateCorruptError } from '../../errors.ts';
import type { Headers } from '../../model/logRecord.ts';
import { type AnyRecord, type Origin, streamRecord } from '../../model/record.ts';
import type { AnySerde, Serde } from '../../serde/Serde.ts';
import type { PlacedRow } from '../../state/RowStore.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';

/**
 * A change that waits: its last value, what those behind know of the row, and what the record that
 * made it carried.
 */
export interface BufferedChange {
  /** Null deletes. */
  readonly value: unknown;
  /** The row as those behind know it. */
  readonly prior: unknown;
  /** The row before this change, whether those behind have seen it or not. */
  readonly previous: unknown;
  readonly headers: Headers;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly lane: number;
}

/** What is kept of where a record came from. */
export function placeIn({
  topic,
  partition,
  offset,
  lane,
}: Origin): Pick<BufferedChange, 'topic' | 'partition' | 'offset' | 'lane'> {
  return { topic, partition, offset, lane };
}

/** The record of a stream that waited, as it came. */
export function resumed(node: NodeContext, row: PlacedRow<unknown, BufferedChange>): AnyRecord {
  const { value, headers, topic, partition, offset, lane } = row.value;
  const from = { topic, partition, offset, lane, task: node.task, raw: null };
  return streamRecord(row.key, value, row.timestamp, headers, from);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const absent = 0xffffffff;

/**
 * The bytes of a change that waits: a version, then value, prior and previous by the table's serde,
 * the origin, the headers; each part with its length before it, all ones where it is null.
 */
export function bufferedChange(value: AnySerde): Serde<BufferedChange> {
  const { encode, decode } = value as Serde<unknown>;
  return {
    name: `buffered(${value.name ?? 'custom'})`,
    encode(change) {
      const place = [change.topic, change.partition, change.offset, change.lane];
      const parts: (Uint8Array | null)[] = [
        change.value === null ? null : encode(change.value),
        change.prior === null ? null : encode(change.prior),
        change.previous === null ? null : encode(change.previous),
        encoder.encode(JSON.stringify(place)),
      ];
      for (const [name, bytes] of change.headers) parts.push(encoder.encode(name), bytes);
      return joined(parts);
    },
    decode(bytes) {
      const [now, prior, previous, place, ...rest] = split(bytes);
      if (now === undefined || prior === undefined || previous === undefined || place == null) {
        throw new StateCorruptError('A buffered change has too few parts.');
      }
      const [topic, partition, offset, lane] = JSON.parse(decoder.decode(place));
      const headers: [string, Uint8Array | null][] = [];
      for (let i = 0; i + 1 < rest.length; i += 2) {
        headers.push([decoder.decode(rest[i] ?? new Uint8Array(0)), rest[i + 1] ?? null]);
      }
      return {
        value: now === null ? null : decode(now),
        prior: prior === null ? null : decode(prior),
        previous: previous === null ? null : decode(previous),
        headers,
        topic,
        partition,
        offset,
        lane,
      };
    },
  };
}

function joined(parts: readonly (Uint8Array | null)[]): Uint8Array {
  let length = 1;
  for (const part of parts) length += 4 + (part?.length ?? 0);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 1;
  let at = 1;
  for (const part of parts) {
    view.setUint32(at, part === null ? absent : part.length);
    at += 4;
    if (part !== null) bytes.set(part, at);
    at += part?.length ?? 0;
  }
  return bytes;
}

function split(bytes: Uint8Array): (Uint8Array | null)[] {
  if (bytes[0] !== 1) {
    throw new StateCorruptError(
      `A buffered change of format ${bytes[0]}: a newer version wrote it.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: (Uint8Array | null)[] = [];
  let at = 1;
  while (at < bytes.length) {
    const length = view.getUint32(at);
    at += 4;
    if (length === absent) {
      parts.push(null);
      continue;
    }
    if (at + length > bytes.length) throw new StateCorruptError('A buffered change is cut short.');
    parts.push(bytes.slice(at, at + length));
    at += length;
  }
  return parts;
}
