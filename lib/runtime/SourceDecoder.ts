import type { LogRecord } from '../client/KafkaClient.ts';
import { StreamsError } from '../errors.ts';
import type { ErrorPolicy } from '../model/ErrorPolicy.ts';
import { type AnyRecord, type Origin, streamRecord } from '../model/record.ts';
import type { DropReason } from '../topology/NodeContext.ts';
import type { SourceSpec } from '../topology/NodeSpec.ts';
import { KeyInterner } from './KeyInterner.ts';
import { type Progress, readLaneHeader, withoutLaneHeader } from './laneHeader.ts';
import type { HeadDecoder, PartitionBuffer } from './PartitionBuffer.ts';

/** What a decoder tells its task. */
export interface DecoderEvents {
  /** The task's. */
  readonly id: string;
  /** Answers when the record is to be left out, throws when that cannot be. */
  undecodable(error: StreamsError, policy: ErrorPolicy, origin: Origin): void;
  dropped(reason: DropReason): void;
}

const noBytes = new Uint8Array(0);

/** Who is behind a source. */
export interface SourceReaders {
  /** False: nobody looks at a value but for whether it is null. */
  readonly readsValues: boolean;
}

/**
 * Makes records of what lay in a log: the source node of one task. Key and value are decoded once;
 * a value nobody looks at is not (of a count, a quarter of the time), unless it is to be told
 * whether it can be.
 */
export class SourceDecoder implements HeadDecoder {
  readonly #spec: SourceSpec;
  readonly #keys: KeyInterner;
  readonly #decodeValue: (bytes: Uint8Array) => unknown;
  readonly #policy: ErrorPolicy;
  readonly #events: DecoderEvents;
  readonly #readers: SourceReaders;
  /** Something besides the readers needs the values. */
  readonly #needsValues: boolean;

  constructor(
    spec: SourceSpec,
    policy: ErrorPolicy,
    events: DecoderEvents,
    readers: SourceReaders,
  ) {
    this.#spec = spec;
    this.#keys = new KeyInterner(spec.key);
    const value = spec.value as unknown as { decode(bytes: Uint8Array): unknown };
    this.#decodeValue = (bytes) => value.decode(bytes);
    this.#policy = spec.undecodable ?? policy;
    this.#events = events;
    this.#readers = readers;
    this.#needsValues = spec.timestampOf !== null || this.#policy.policy !== 'fail';
  }

  decode(raw: LogRecord, buffer: PartitionBuffer): AnyRecord | Progress | null {
    let { headers } = raw;
    let lane = 0;
    if (buffer.lanes !== null && headers.length > 0) {
      const told = readLaneHeader(headers);
      if (told !== null) {
        headers = withoutLaneHeader(headers);
        const { firstLane, upstreams } = buffer.input;
        if (typeof told === 'number') {
          if (firstLane > 0 && told < upstreams) lane = firstLane + told;
        } else if ('upstreamTime' in told) buffer.headUpstreamTime = told.upstreamTime;
        else return told;
      }
    }
    const origin: Origin = {
      topic: buffer.topic,
      partition: buffer.partition,
      offset: raw.offset,
      lane,
      task: this.#events.id,
      raw,
    };
    let key: unknown = null;
    let value: unknown = null;
    let { timestamp } = raw;
    try {
      if (raw.key !== null) key = this.#keys.decode(raw.key);
      if (raw.value !== null) {
        const isRead = this.#needsValues || this.#readers.readsValues;
        value = isRead ? this.#decodeValue(raw.value) : undefined;
      }
      if (this.#spec.timestampOf !== null) timestamp = this.#extracted(key, value, raw, buffer);
    } catch (error) {
      this.#events.undecodable(this.#error(error, origin), this.#policy, origin);
      return null;
    }
    if (timestamp < 0) {
      this.#events.dropped('negative timestamp');
      return null;
    }
    buffer.headKey = key;
    buffer.headKeyBytes = raw.key === null ? noBytes : this.#keys.bytes;
    return streamRecord(key, value, timestamp, headers, origin);
  }

  #extracted(key: unknown, value: unknown, raw: LogRecord, buffer: PartitionBuffer): number {
    const { topic, partition } = buffer;
    const input = { key, value, topic, partition, record: raw, partitionTime: buffer.time };
    const timestamp = this.#spec.timestampOf?.(input) as number;
    if (Number.isSafeInteger(timestamp)) return timestamp;
    throw new StreamsError(
      'PROCESSING_FAILED',
      `timestampOf of ${topic} answered ${String(timestamp)}: answer whole ms since the epoch, or a negative number to drop the record.`,
      { place: { task: this.#events.id, topic, partition, offset: raw.offset } },
    );
  }

  #error(cause: unknown, { topic, partition, offset }: Origin): StreamsError {
    if (cause instanceof StreamsError && cause.code === 'PROCESSING_FAILED') return cause;
    const text = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
    return new StreamsError(
      'UNDECODABLE',
      `A record of ${topic} cannot be decoded: ${text}. Give the topic the serdes it was written with, or set errors.undecodable (or the source's) to skip or deadLetter(topic).`,
      { place: { task: this.#events.id, topic, partition, offset }, cause },
    );
  }
}
