import { KafkaError } from '../../../errors.ts';
import type { Headers, LogRecord } from '../../KafkaClient.ts';
import { smallestRecordBytes } from './batchFormat.ts';

export interface RecordsShape {
  readonly count: number;
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  /** The batch's one timestamp under LogAppendTime, else null. */
  readonly appendTime: number | null;
}

const noHeaders: Headers = [];
const text = new TextDecoder();

/**
 * Decodes the records of one batch from its (uncompressed) bytes and adds those from `fromOffset`
 * on to `into`. Keys and values are views. Throws `PROTOCOL_CORRUPT` on lengths that do not fit.
 */
export function decodeRecords(
  bytes: Uint8Array,
  start: number,
  end: number,
  shape: RecordsShape,
  fromOffset: number,
  into: LogRecord[],
): void {
  if (shape.count < 0 || shape.count * smallestRecordBytes > end - start) {
    throw corrupt(`it counts ${shape.count} records in ${end - start} bytes`);
  }
  new RecordsDecoder(bytes, start, end).decode(shape, fromOffset, into);
}

class RecordsDecoder {
  readonly #bytes: Uint8Array;
  readonly #data: ArrayBufferLike;
  readonly #base: number;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#data = bytes.buffer;
    this.#base = bytes.byteOffset;
    this.#at = start;
    this.#end = end;
  }

  decode(shape: RecordsShape, fromOffset: number, into: LogRecord[]): void {
    const { baseOffset, baseTimestamp, appendTime } = shape;
    for (let n = shape.count; n > 0; n--) {
      const length = this.#varint();
      const recordEnd = this.#at + length;
      if (length < 0 || recordEnd > this.#end) throw corrupt('a record reaches beyond its batch');
      this.#at++;
      const timestamp = baseTimestamp + this.#varlong();
      const offset = baseOffset + this.#varint();
      if (offset < fromOffset) {
        this.#at = recordEnd;
        continue;
      }
      const key = this.#slice(recordEnd);
      const value = this.#slice(recordEnd);
      const headerCount = this.#varint();
      const headers = headerCount === 0 ? noHeaders : this.#headers(headerCount, recordEnd);
      if (this.#at !== recordEnd) throw corrupt('a record is not as long as it says');
      into.push({ offset, timestamp: appendTime ?? timestamp, key, value, headers });
    }
  }

  #headers(count: number, recordEnd: number): Headers {
    if (count < 0 || count > recordEnd - this.#at) throw corrupt(`a record has ${count} headers`);
    const headers: [string, Uint8Array | null][] = [];
    for (let n = 0; n < count; n++) {
      const name = this.#slice(recordEnd);
      if (name === null) throw corrupt('a header has no name');
      headers.push([text.decode(name), this.#slice(recordEnd)]);
    }
    return headers;
  }

  /** A length and a view of as many bytes; null for -1. */
  #slice(recordEnd: number): Uint8Array | null {
    const length = this.#varint();
    if (length < 0) {
      if (length === -1) return null;
      throw corrupt(`a field of ${length} bytes`);
    }
    const at = this.#at;
    if (length > recordEnd - at) throw corrupt('a field reaches beyond its record');
    this.#at = at + length;
    return new Uint8Array(this.#data, this.#base + at, length);
  }

  #varint(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let byte = bytes[at++] as number;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 28) throw corrupt('a variable-length integer of more than five bytes');
      byte = bytes[at++] as number;
      value |= (byte & 0x7f) << shift;
    }
    // Reading past the end gives undefined, which reads as 0 and ends the loop; it is caught here.
    if (at > this.#end) throw corrupt('it ends within a record');
    this.#at = at;
    return (value >>> 1) ^ -(value & 1);
  }

  #varlong(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let byte = bytes[at++] as number;
    // The zigzag form of a large number passes 2^53, so its sign bit is kept apart.
    const isNegative = (byte & 1) !== 0;
    let half = (byte & 0x7f) >> 1;
    let scale = 64;
    for (let n = 1; byte >= 0x80; n++) {
      if (n === 10) throw corrupt('a variable-length integer of more than ten bytes');
      byte = bytes[at++] as number;
      half += (byte & 0x7f) * scale;
      scale *= 0x80;
    }
    if (at > this.#end) throw corrupt('it ends within a record');
    this.#at = at;
    return isNegative ? -half - 1 : half;
  }
}

/** A batch that contradicts itself. */
export function corrupt(what: string): KafkaError {
  return new KafkaError(
    'PROTOCOL_CORRUPT',
    `A record batch cannot be read: ${what}. Check the log on the broker, or seek past it.`,
  );
}
