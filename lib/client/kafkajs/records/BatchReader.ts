import type { Buffer } from 'node:buffer';
import { KafkaError } from '../../../errors.ts';
import type { LogRecord } from '../../KafkaClient.ts';
import { type AbortedTransaction, AbortedTransactions } from './AbortedTransactions.ts';
import { at, attribute } from './batchFormat.ts';
import type { Codecs } from './Codecs.ts';
import { crc32c } from './crc32c.ts';
import { corrupt, decodeRecords } from './decodeRecords.ts';

export interface BatchReaderOptions {
  readonly codecs: Codecs;
  /** The first offset wanted: batches begin before it where it lies in their middle. */
  readonly fromOffset: number;
  /** Those of the answer, in any order; null to read uncommitted records too. */
  readonly aborted: readonly AbortedTransaction[] | null;
}

const supportedMagic = 2;
const smallestBatchLength = at.records - at.leaderEpoch;

/**
 * Reads one partition's record batches from an answer, a batch at a time and only when asked: what
 * is fetched ahead costs no objects. The last batch of an answer is often cut short; it is left
 * out.
 */
export class BatchReader {
  readonly #buffer: Buffer;
  readonly #end: number;
  readonly #codecs: Codecs;
  readonly #aborted: AbortedTransactions | null;
  readonly #endOffset: number;
  #at = 0;
  #nextOffset: number;

  constructor(buffer: Buffer, o: BatchReaderOptions) {
    this.#buffer = buffer;
    this.#codecs = o.codecs;
    this.#nextOffset = o.fromOffset;
    this.#aborted = o.aborted === null ? null : new AbortedTransactions(o.aborted);
    const { end, lastStart } = wholeBatches(buffer);
    this.#end = end;
    this.#endOffset = lastStart < 0 ? o.fromOffset : lastOffsetAt(buffer, lastStart) + 1;
  }

  /** True when all whole batches were read. */
  get isDone(): boolean {
    return this.#at >= this.#end;
  }

  /**
   * The position after what was read so far: also past markers, aborted records and compacted ones.
   */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** The position after all whole batches, as their headers tell. */
  get endOffset(): number {
    return Math.max(this.#nextOffset, this.#endOffset);
  }

  /** Bytes not read yet. */
  get remainingBytes(): number {
    return this.#end - this.#at;
  }

  /** The codecs of the batches not read yet: to be loaded before they are. */
  codecNumbers(): Set<number> {
    const numbers = new Set<number>();
    for (let start = this.#at; start < this.#end; start += batchBytes(this.#buffer, start)) {
      numbers.add(this.#buffer.readInt16BE(start + at.attributes) & attribute.codec);
    }
    return numbers;
  }

  /** Decodes the next batch, adding to `into` what the reader may see of it. */
  readBatch(into: LogRecord[]): void {
    const buffer = this.#buffer;
    const start = this.#at;
    const end = start + batchBytes(buffer, start);
    checkMagic(buffer[start + at.magic] as number);
    if (buffer.readUInt32BE(start + at.crc) !== crc32c(buffer, start + at.attributes, end)) {
      throw corrupt('its checksum is wrong');
    }
    const baseOffset = safe(buffer.readBigInt64BE(start + at.baseOffset));
    const lastOffset = lastOffsetAt(buffer, start);
    if (lastOffset < baseOffset) throw corrupt('its last offset lies before its first');
    if (this.#isVisible(start, end, lastOffset)) this.#decode(start, end, baseOffset, into);
    this.#at = end;
    this.#nextOffset = Math.max(this.#nextOffset, lastOffset + 1);
  }

  /**
   * Markers never are; records of aborted transactions are not where only committed ones are read.
   */
  #isVisible(start: number, end: number, lastOffset: number): boolean {
    const buffer = this.#buffer;
    const attributes = buffer.readInt16BE(start + at.attributes);
    const isControl = (attributes & attribute.control) !== 0;
    if (this.#aborted === null || (attributes & attribute.transactional) === 0) return !isControl;
    const producerId = safe(buffer.readBigInt64BE(start + at.producerId));
    this.#aborted.advance(lastOffset);
    if (!isControl) return !this.#aborted.isAborted(producerId);
    // The log's cleaner leaves a marker's batch empty where it is the last of its producer.
    const isEmpty = buffer.readInt32BE(start + at.recordsCount) === 0;
    if (!isEmpty && isAbortMarker(buffer, start + at.records, end)) this.#aborted.end(producerId);
    return false;
  }

  #decode(start: number, end: number, baseOffset: number, into: LogRecord[]): void {
    const buffer = this.#buffer;
    const attributes = buffer.readInt16BE(start + at.attributes);
    const shape = {
      count: buffer.readInt32BE(start + at.recordsCount),
      baseOffset,
      baseTimestamp: Number(buffer.readBigInt64BE(start + at.baseTimestamp)),
      appendTime:
        (attributes & attribute.logAppendTime) === 0
          ? null
          : Number(buffer.readBigInt64BE(start + at.maxTimestamp)),
    };
    const codec = this.#codecs.get(attributes & attribute.codec);
    if (codec === undefined) throw corrupt('its codec was not loaded');
    if (codec === null) {
      decodeRecords(buffer, start + at.records, end, shape, this.#nextOffset, into);
      return;
    }
    const bytes = codec.decompress(buffer.subarray(start + at.records, end));
    decodeRecords(bytes, 0, bytes.length, shape, this.#nextOffset, into);
  }
}

/** Where the last whole batch begins (-1: there is none) and ends. */
function wholeBatches(buffer: Buffer): { readonly end: number; readonly lastStart: number } {
  let end = 0;
  let lastStart = -1;
  while (buffer.length - end >= at.records) {
    const bytes = batchBytes(buffer, end);
    if (bytes > buffer.length - end) break;
    lastStart = end;
    end += bytes;
  }
  // Formats 0 and 1 have shorter headers; they are told by their magic before anything else is
  // read.
  if (end === 0 && buffer.length > at.magic) checkMagic(buffer[at.magic] as number);
  return { end, lastStart };
}

function lastOffsetAt(buffer: Buffer, start: number): number {
  const baseOffset = safe(buffer.readBigInt64BE(start + at.baseOffset));
  return baseOffset + buffer.readInt32BE(start + at.lastOffsetDelta);
}

function batchBytes(buffer: Buffer, start: number): number {
  checkMagic(buffer[start + at.magic] as number);
  const length = buffer.readInt32BE(start + at.batchLength);
  if (length < smallestBatchLength) throw corrupt(`it is ${length} bytes long`);
  return at.leaderEpoch + length;
}

function checkMagic(magic: number): void {
  if (magic === supportedMagic) return;
  throw new KafkaError(
    'NOT_SUPPORTED',
    `A record batch is of format ${magic}; only format 2 (Kafka 0.11 and later) can be read. ` +
      'Copy the topic by a recent producer, or seek past the old records.',
  );
}

/** A control record's key is version INT16, type INT16: 0 aborts, 1 commits. */
function isAbortMarker(buffer: Buffer, start: number, end: number): boolean {
  const marker: LogRecord[] = [];
  const shape = { count: 1, baseOffset: 0, baseTimestamp: 0, appendTime: null };
  decodeRecords(buffer, start, end, shape, 0, marker);
  const key = marker[0]?.key;
  if (key === undefined || key === null || key.length < 4) throw corrupt('a marker has no type');
  return key[2] === 0 && key[3] === 0;
}

function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw corrupt('an offset beyond 2^53');
  return number;
}
