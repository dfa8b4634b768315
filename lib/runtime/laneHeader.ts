import type { Headers } from '../model/logRecord.ts';
import { noHeaders } from '../model/record.ts';

/** The header by which a record of a repartition topic tells the upstream task that wrote it. */
export const laneHeaderName = 'rxk';

/** How far an upstream task is: what it says in a progress record. */
export interface Progress {
  /** Its partition. */
  readonly upstream: number;
  /** Its stream time; -1: it has seen nothing. */
  readonly time: number;
  /** It has read all its inputs to their end. */
  readonly atEnd: boolean;
}

/** The stream time of the only upstream task, where the records it let through do not show it. */
export interface UpstreamTime {
  readonly upstreamTime: number;
}

/** The same for all records a task writes to a repartition. */
export function laneHeader(upstream: number): readonly [string, Uint8Array] {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, upstream);
  return [laneHeaderName, bytes];
}

export function progressHeader(progress: Progress): readonly [string, Uint8Array] {
  const bytes = new Uint8Array(13);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, progress.upstream);
  view.setFloat64(4, progress.time);
  view.setUint8(12, progress.atEnd ? 1 : 0);
  return [laneHeaderName, bytes];
}

export function upstreamTimeHeader(time: number): readonly [string, Uint8Array] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, time);
  return [laneHeaderName, bytes];
}

/** The upstream task, or its progress or time, or null for a record that tells nothing. */
export function readLaneHeader(headers: Headers): number | Progress | UpstreamTime | null {
  const bytes = headers[headers.length - 1]?.[1];
  if (bytes == null || headers[headers.length - 1]?.[0] !== laneHeaderName) return null;
  if (bytes.length === 4) return uint32(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 8) return { upstreamTime: view.getFloat64(0) };
  if (bytes.length !== 13) return null;
  return { upstream: uint32(bytes), time: view.getFloat64(4), atEnd: bytes[12] === 1 };
}

/** The user's headers alone. */
export function withoutLaneHeader(headers: Headers): Headers {
  return headers.length === 1 ? noHeaders : headers.slice(0, -1);
}

function uint32(bytes: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}
