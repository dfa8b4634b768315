import { Buffer } from 'node:buffer';
import type { LogRecord, NewRecord } from '../../KafkaClient.ts';
import { at, attribute } from './batchFormat.ts';
import type { Codec } from './Codecs.ts';
import { crc32c } from './crc32c.ts';
import { decodeRecords } from './decodeRecords.ts';

/** Who sends a batch, for the broker to tell a repetition and a zombie. */
export interface BatchStamp {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
}

/** Up to this length a loop copies faster than a call. */
const copyByLoop = 40;

/** Bytes one record takes at most beside its key, value and headers. */
const recordOverhead = 32;

/**
 * Encodes records into one batch of format 2, as they come: a record's bytes are copied at once.
 */
export class BatchBuilder {
  #buffer: Buffer;
  #at: number = at.records;
  #count = 0;
  #baseTimestamp = 0;
  #maxTimestamp = 0;

  constructor(initialBytes = 1_024) {
    this.#buffer = Buffer.allocUnsafe(Math.max(initialBytes, at.records));
  }

  get recordCount(): number {
    return this.#count;
  }

  /** Bytes so far, header included, before compression. */
  get size(): number {
    return this.#at;
  }

  append(record: NewRecord): void {
    const { key, value, timestamp, headers } = record;
    if (this.#count === 0) {
      this.#baseTimestamp = timestamp;
      this.#maxTimestamp = timestamp;
    } else if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    const timestampDelta = timestamp - this.#baseTimestamp;
    const bodyBytes =
      1 +
      varlongBytes(timestampDelta) +
      varintBytes(this.#count) +
      fieldBytes(key) +
      fieldBytes(value) +
      (headers === undefined || headers.length === 0 ? 1 : headersBytes(headers));
    this.#reserve(bodyBytes + 5);
    this.#varint(bodyBytes);
    this.#buffer[this.#at++] = 0;
    this.#varlong(timestampDelta);
    this.#varint(this.#count++);
    this.#field(key);
    this.#field(value);
    if (headers === undefined || headers.length === 0) this.#buffer[this.#at++] = 0;
    else this.#headers(headers);
  }

  /** What was appended, as views: also after the batch was sealed. */
  records(): readonly NewRecord[] {
    const records: LogRecord[] = [];
    const shape = {
      count: this.#count,
      baseOffset: 0,
      baseTimestamp: this.#baseTimestamp,
      appendTime: null,
    };
    decodeRecords(this.#buffer, at.records, this.#at, shape, 0, records);
    return records;
  }

  /** Ends the batch: compresses it and writes all of the header that repetitions do not change. */
  seal(codec: Codec | null, codecNumber: number): Buffer {
    let batch = this.#buffer.subarray(0, this.#at);
    if (codec !== null) {
      const records = codec.compress(batch.subarray(at.records));
      batch = Buffer.allocUnsafe(at.records + records.length);
      this.#buffer.copy(batch, 0, 0, at.records);
      batch.set(records, at.records);
    }
    batch.fill(0, 0, at.batchLength);
    batch.writeInt32BE(batch.length - at.leaderEpoch, at.batchLength);
    batch.writeInt32BE(-1, at.leaderEpoch);
    batch.writeInt8(2, at.magic);
    batch.writeInt16BE(codecNumber, at.attributes);
    batch.writeInt32BE(this.#count - 1, at.lastOffsetDelta);
    batch.writeBigInt64BE(BigInt(this.#baseTimestamp), at.baseTimestamp);
    batch.writeBigInt64BE(BigInt(this.#maxTimestamp), at.maxTimestamp);
    batch.writeInt32BE(this.#count, at.recordsCount);
    return batch;
  }

  #headers(headers: NonNullable<NewRecord['headers']>): void {
    this.#varint(headers.length);
    for (const [name, value] of headers) {
      const nameBytes = Buffer.byteLength(name);
      this.#varint(nameBytes);
      this.#buffer.write(name, this.#at, 'utf8');
      this.#at += nameBytes;
      this.#field(value);
    }
  }

  #field(bytes: Uint8Array | null): void {
    if (bytes === null) {
      this.#buffer[this.#at++] = 1;
      return;
    }
    const length = bytes.length;
    this.#varint(length);
    const start = this.#at;
    if (length > copyByLoop) this.#buffer.set(bytes, start);
    else for (let n = 0; n < length; n++) this.#buffer[start + n] = bytes[n] as number;
    this.#at = start + length;
  }

  #varint(value: number): void {
    const buffer = this.#buffer;
    let start = this.#at;
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest > 0x7f) {
      buffer[start++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[start++] = rest;
    this.#at = start;
  }

  #varlong(value: number): void {
    if (isSmall(value)) {
      this.#varint(value);
      return;
    }
    // The zigzag form of a large number passes 2^53, so its lowest seven bits are made apart.
    const half = value < 0 ? -value - 1 : value;
    this.#buffer[this.#at++] = ((half % 64) * 2 + (value < 0 ? 1 : 0)) | 0x80;
    let rest = Math.floor(half / 64);
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#at++] = rest;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
}

/** Writes the sender into a sealed batch, and the checksum that covers it. */
export function stampBatch(batch: Buffer, stamp: BatchStamp): void {
  const attributes = batch.readInt16BE(at.attributes) & ~attribute.transactional;
  batch.writeInt16BE(
    stamp.isTransactional ? attributes | attribute.transactional : attributes,
    at.attributes,
  );
  batch.writeBigInt64BE(BigInt(stamp.producerId), at.producerId);
  batch.writeInt16BE(stamp.producerEpoch, at.producerEpoch);
  batch.writeInt32BE(stamp.baseSequence, at.baseSequence);
  batch.writeUInt32BE(crc32c(batch, at.attributes), at.crc);
}

/** About how many bytes a record takes in a batch, never less than it truly does. */
export function recordBytes(record: NewRecord): number {
  let bytes = recordOverhead + (record.key?.length ?? 0) + (record.value?.length ?? 0);
  if (record.headers !== undefined && record.headers.length > 0)
    bytes += headersBytes(record.headers);
  return bytes;
}

function headersBytes(headers: NonNullable<NewRecord['headers']>): number {
  let bytes = varintBytes(headers.length);
  for (const [name, value] of headers) {
    const nameBytes = Buffer.byteLength(name);
    bytes += varintBytes(nameBytes) + nameBytes + fieldBytes(value);
  }
  return bytes;
}

function fieldBytes(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintBytes(bytes.length) + bytes.length;
}

/** Bytes of a zigzag integer that is not negative. */
function varintBytes(value: number): number {
  if (value < 0x40) return 1;
  if (value < 0x2000) return 2;
  if (value < 0x100000) return 3;
  return value < 0x8000000 ? 4 : 5;
}

function varlongBytes(value: number): number {
  if (value >= 0 && isSmall(value)) return varintBytes(value);
  let bytes = 1;
  let rest = Math.floor((value < 0 ? -value - 1 : value) / 64);
  for (; rest > 0; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}

function isSmall(value: number): boolean {
  return value >= -0x40000000 && value < 0x40000000;
}
