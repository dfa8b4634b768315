import type { Clock } from '../../../model/clock.ts';
import { partitionKey } from '../../../model/topicPartition.ts';
import type { NewBatch, NewRecord } from '../../KafkaClient.ts';
import { recordBytes } from '../records/BatchBuilder.ts';
import { PartitionQueue } from './PartitionQueue.ts';
import { ProduceBatch } from './ProduceBatch.ts';
import { SendCall } from './SendCall.ts';

export interface AccumulatorOptions {
  readonly clock: Clock;
  readonly bufferBytes: number;
  /** A batch is closed when it would grow beyond this; a single record may. */
  readonly maxBatchBytes: number;
}

/** A call that waits for room. */
interface Waiting {
  readonly batches: readonly NewBatch[];
  readonly bytes: number;
  readonly call: SendCall;
}

/** Cuts what is sent into batches, per partition, within a bound of memory. */
export class Accumulator {
  readonly queues: Map<string, PartitionQueue> = new Map();
  readonly #o: AccumulatorOptions;
  readonly #calls = new Set<SendCall>();
  readonly #waiting: Waiting[] = [];
  #heldBytes = 0;

  constructor(o: AccumulatorOptions) {
    this.#o = o;
  }

  /** Takes records in, at once when there is room, else in its turn. */
  add(batches: readonly NewBatch[]): SendCall {
    const call = new SendCall(batches.length);
    this.#calls.add(call);
    const done = (): void => {
      this.#calls.delete(call);
    };
    call.promise.then(done, done);
    let bytes = 0;
    for (const { records } of batches) for (const record of records) bytes += recordBytes(record);
    if (this.#waiting.length > 0 || !this.#hasRoom(bytes)) {
      this.#waiting.push({ batches, bytes, call });
    } else {
      this.#heldBytes += bytes;
      this.#append(batches, call);
    }
    return call;
  }

  /** Resolves when all that was added so far is over, well or not. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#calls].map(({ promise }) => promise));
  }

  /** A batch is over: its memory is free. Answers whether waiting calls got in. */
  release(batch: ProduceBatch): boolean {
    this.#heldBytes -= batch.heldBytes;
    let gotIn = false;
    while (this.#waiting.length > 0) {
      const { batches, bytes, call } = this.#waiting[0] as Waiting;
      if (!this.#hasRoom(bytes)) break;
      this.#waiting.shift();
      this.#heldBytes += bytes;
      this.#append(batches, call);
      gotIn = true;
    }
    return gotIn;
  }

  /** Fails what waits for room. */
  failWaiting(error: unknown): void {
    for (const { call } of this.#waiting.splice(0)) call.failed(error);
  }

  /** Fails all that is held or waits. */
  failAll(error: unknown): void {
    this.failWaiting(error);
    for (const queue of this.queues.values()) {
      for (const batch of queue.clear()) {
        this.#heldBytes -= batch.heldBytes;
        batch.fail(error);
      }
    }
  }

  /** One larger than all the room gets in when it is alone. */
  #hasRoom(bytes: number): boolean {
    return this.#heldBytes === 0 || this.#heldBytes + bytes <= this.#o.bufferBytes;
  }

  #append(batches: readonly NewBatch[], call: SendCall): void {
    let index = 0;
    for (const batch of batches) {
      if (batch.records.length > 0) this.#appendTo(this.#queue(batch), batch.records, index, call);
      index++;
    }
    call.closed();
  }

  #appendTo(
    queue: PartitionQueue,
    records: readonly NewRecord[],
    index: number,
    call: SendCall,
  ): void {
    let bytes = 0;
    for (const record of records) bytes += recordBytes(record);
    let batch = this.#openBatch(queue, bytes);
    batch.beginPart(call, index);
    for (const record of records) {
      const size = recordBytes(record);
      if (batch.size + size > this.#o.maxBatchBytes && batch.recordCount > 0) {
        batch.isClosed = true;
        batch = this.#newBatch(queue, bytes);
        batch.beginPart(call, -1);
      }
      batch.append(record);
      batch.heldBytes += size;
      bytes -= size;
    }
  }

  /** The batch that still grows, if all of this fits in: one call's records leave together. */
  #openBatch(queue: PartitionQueue, bytes: number): ProduceBatch {
    const last = queue.pending.at(-1);
    if (last === undefined || last.isClosed) return this.#newBatch(queue, bytes);
    if (last.size + bytes <= this.#o.maxBatchBytes) return last;
    last.isClosed = true;
    return this.#newBatch(queue, bytes);
  }

  #newBatch(queue: PartitionQueue, bytes: number): ProduceBatch {
    const { clock, maxBatchBytes } = this.#o;
    const batch = new ProduceBatch(clock.now(), Math.min(bytes, maxBatchBytes) + 128);
    queue.pending.push(batch);
    return batch;
  }

  #queue({ topic, partition }: NewBatch): PartitionQueue {
    const key = partitionKey({ topic, partition });
    let queue = this.queues.get(key);
    if (queue === undefined) {
      queue = new PartitionQueue(topic, partition, key);
      this.queues.set(key, queue);
    }
    return queue;
  }
}
