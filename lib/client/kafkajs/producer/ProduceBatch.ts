import type { Buffer } from 'node:buffer';
import type { NewRecord } from '../../KafkaClient.ts';
import { BatchBuilder, recordBytes, stampBatch } from '../records/BatchBuilder.ts';
import type { Codec } from '../records/Codecs.ts';
import type { ProducerIdentity } from '../requests/initProducerId.ts';
import type { SendCall } from './SendCall.ts';

/** Where a part of a call lies in a batch. */
interface Part {
  readonly call: SendCall;
  readonly index: number;
  readonly firstRecord: number;
}

/** Records for one partition that leave together. */
export class ProduceBatch {
  readonly createdMs: number;
  readonly #builder: BatchBuilder;
  readonly #parts: Part[] = [];
  /**
   * The number of its first record in the producer's count for the partition; -1 while it has none.
   */
  sequence = -1;
  /** What it holds of the producer's memory. */
  heldBytes = 0;
  /** No more is added. */
  isClosed = false;
  /** Why it was sent again, when it was. */
  lastFailure: string | null = null;
  #sealed: Buffer | null = null;

  constructor(createdMs: number, initialBytes: number) {
    this.createdMs = createdMs;
    this.#builder = new BatchBuilder(initialBytes);
  }

  get recordCount(): number {
    return this.#builder.recordCount;
  }

  get size(): number {
    return this.#builder.size;
  }

  /** What is appended from here on belongs to this call. */
  beginPart(call: SendCall, index: number): void {
    call.opened();
    this.#parts.push({ call, index, firstRecord: this.#builder.recordCount });
  }

  append(record: NewRecord): void {
    this.#builder.append(record);
  }

  /** Its records in two batches, for a broker that finds it too large. */
  split(): readonly [ProduceBatch, ProduceBatch] {
    const records = this.#builder.records();
    const middle = Math.ceil(records.length / 2);
    const halves = [this.#part(records, 0, middle), this.#part(records, middle, records.length)];
    for (const { call } of this.#parts) call.closed();
    return halves as [ProduceBatch, ProduceBatch];
  }

  #part(records: readonly NewRecord[], from: number, to: number): ProduceBatch {
    const share = Math.ceil((this.size * (to - from)) / records.length);
    const batch = new ProduceBatch(this.createdMs, share + 128);
    batch.isClosed = true;
    this.#parts.forEach(({ call, index, firstRecord }, n) => {
      const end = this.#parts[n + 1]?.firstRecord ?? records.length;
      if (end <= from || firstRecord >= to) return;
      batch.beginPart(call, firstRecord < from ? -1 : index);
      for (const record of records.slice(Math.max(firstRecord, from), Math.min(end, to))) {
        batch.append(record);
        batch.heldBytes += recordBytes(record);
      }
    });
    return batch;
  }

  /** Its bytes, under this sender and its sequence. */
  bytes(
    codec: Codec | null,
    codecNumber: number,
    identity: ProducerIdentity,
    isTransactional: boolean,
  ): Buffer {
    this.#sealed ??= this.#builder.seal(codec, codecNumber);
    stampBatch(this.#sealed, { ...identity, baseSequence: this.sequence, isTransactional });
    return this.#sealed;
  }

  acknowledge(baseOffset: number): void {
    for (const { call, index, firstRecord } of this.#parts) {
      call.acknowledged(index, baseOffset < 0 ? -1 : baseOffset + firstRecord);
    }
  }

  fail(error: unknown): void {
    for (const { call } of this.#parts) call.failed(error);
  }
}
