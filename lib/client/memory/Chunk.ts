import type { Headers, LogRecord } from '../KafkaClient.ts';

const mostRecords = 2048;
const mostBytes = 1 << 20;

/**
 * A stretch of a log: offsets from `base` to before `end`, of which some hold no record (markers,
 * compacted ones). Retention drops whole chunks; reads are slices of `records`.
 */
export class Chunk {
  readonly base: number;
  readonly createdAt: number;
  end: number;
  readonly records: LogRecord[] = [];
  /** Bytes of the records up to and with each: byte limits need no walk. */
  readonly ends: number[] = [];
  maxTimestamp: number = Number.NEGATIVE_INFINITY;

  constructor(base: number, createdAt: number) {
    this.base = base;
    this.createdAt = createdAt;
    this.end = base;
  }

  get bytes(): number {
    return this.bytesBefore(this.ends.length);
  }

  bytesBefore(index: number): number {
    return index === 0 ? 0 : (this.ends[index - 1] as number);
  }

  isFull(segmentBytes: number): boolean {
    return this.records.length >= mostRecords || this.bytes >= Math.min(mostBytes, segmentBytes);
  }

  push(record: LogRecord, bytes: number): void {
    this.ends.push(this.bytes + bytes);
    this.records.push(record);
    this.end = record.offset + 1;
    if (record.timestamp > this.maxTimestamp) this.maxTimestamp = record.timestamp;
  }

  /** The index of the first record at or after an offset. */
  indexOf(offset: number): number {
    const { records } = this;
    const guess = offset - this.base;
    if (records[guess]?.offset === offset) return guess;
    let low = 0;
    let high = records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((records[middle] as LogRecord).offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How far from `from` a read may go within `maxBytes`. */
  cut(from: number, to: number, maxBytes: number): number {
    const { ends } = this;
    const most = this.bytesBefore(from) + maxBytes;
    if (this.bytesBefore(to) <= most) return to;
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends[middle] as number) <= most) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** About what a record takes in a real log: twelve bytes of offsets, lengths and timestamp. */
export function recordBytes(
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: Headers,
): number {
  let bytes = 12;
  if (key !== null) bytes += key.length;
  if (value !== null) bytes += value.length;
  for (let i = 0; i < headers.length; i++) {
    const [name, content] = headers[i] as Headers[number];
    bytes += name.length + 2 + (content === null ? 0 : content.length);
  }
  return bytes;
}
