import type { Fetched, GroupConsumer, Isolation } from '../client/KafkaClient.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import type { PartitionBuffer } from './PartitionBuffer.ts';

export interface BufferBounds {
  /** Most records buffered of one partition. */
  readonly records: number;
  /** Most bytes buffered of one partition. */
  readonly bytes: number;
}

/**
 * Fills the tasks' buffers from the group's partitions. A partition whose buffer is full is paused,
 * an empty one never. Positions change only between two polls, so what an older poll brings late
 * cannot be mistaken.
 */
export class Fetcher {
  readonly #consumer: GroupConsumer;
  readonly #isolation: Isolation;
  readonly #bounds: BufferBounds;
  readonly #live = new Map<string, PartitionBuffer>();
  #joining: PartitionBuffer[] = [];
  #isPolling = false;
  #isWoken = false;

  constructor(consumer: GroupConsumer, isolation: Isolation, bounds: BufferBounds) {
    this.#consumer = consumer;
    this.#isolation = isolation;
    this.#bounds = bounds;
  }

  get isPolling(): boolean {
    return this.#isPolling;
  }

  /** These are to be filled, from their positions on. */
  attach(buffers: readonly PartitionBuffer[]): void {
    this.#joining.push(...buffers);
    this.wakeup();
  }

  detach(buffers: readonly PartitionBuffer[]): void {
    for (const buffer of buffers) {
      if (this.#live.get(buffer.key) === buffer) this.#live.delete(buffer.key);
      this.#joining = this.#joining.filter((other) => other !== buffer);
    }
  }

  wakeup(): void {
    if (!this.#isPolling || this.#isWoken) return;
    this.#isWoken = true;
    this.#consumer.wakeup();
  }

  /** Some partition may have more than is known, and a task waits to hear. */
  get needsProbe(): boolean {
    for (const buffer of this.#live.values()) if (buffer.needsProbe) return true;
    return this.#joining.length > 0;
  }

  /** A paused partition has room again. */
  get hasRoom(): boolean {
    for (const buffer of this.#live.values()) {
      if (buffer.isPaused && this.#isRoomy(buffer)) return true;
    }
    return false;
  }

  /**
   * `probe`: asks only about partitions that must be heard of, so that the others' records do not
   * come before them.
   */
  async poll(maxWaitMs: number, probe: boolean): Promise<number> {
    this.#isPolling = true;
    this.#isWoken = false;
    try {
      this.#join();
      this.#balance();
      const muted = probe ? this.#mute() : [];
      const fetched = await this.#consumer.poll(maxWaitMs);
      if (muted.length > 0) this.#consumer.resume(muted.filter((tp) => this.#isLive(tp)));
      return this.#deliver(fetched);
    } finally {
      this.#isPolling = false;
    }
  }

  /** The position was lost: goes on there. */
  seek(tp: TopicPartition, offset: number): void {
    const buffer = this.#live.get(partitionKey(tp));
    if (buffer === undefined) return;
    buffer.seek(offset);
    this.#consumer.seek(tp, offset);
  }

  #deliver(fetched: readonly Fetched[]): number {
    let records = 0;
    for (const part of fetched) {
      const buffer = this.#live.get(partitionKey(part));
      if (buffer === undefined) continue;
      buffer.add(part, this.#isolation);
      records += part.records.length;
    }
    return records;
  }

  #join(): void {
    for (const buffer of this.#joining) {
      const { topic, partition } = buffer;
      this.#consumer.seek({ topic, partition }, buffer.position);
      // It may have been paused for the task before this one.
      this.#consumer.resume([{ topic, partition }]);
      buffer.isPaused = false;
      this.#live.set(buffer.key, buffer);
    }
    this.#joining = [];
  }

  #balance(): void {
    const { records, bytes } = this.#bounds;
    const full: TopicPartition[] = [];
    const roomy: TopicPartition[] = [];
    for (const buffer of this.#live.values()) {
      const { topic, partition } = buffer;
      if (
        !buffer.isPaused &&
        buffer.records > 0 &&
        (buffer.records >= records || buffer.bytes >= bytes)
      ) {
        buffer.isPaused = true;
        full.push({ topic, partition });
      } else if (buffer.isPaused && this.#isRoomy(buffer)) {
        buffer.isPaused = false;
        roomy.push({ topic, partition });
      }
    }
    if (full.length > 0) this.#consumer.pause(full);
    if (roomy.length > 0) this.#consumer.resume(roomy);
  }

  #isRoomy(buffer: PartitionBuffer): boolean {
    if (buffer.records === 0) return true;
    return buffer.records <= this.#bounds.records / 2 && buffer.bytes <= this.#bounds.bytes / 2;
  }

  #mute(): TopicPartition[] {
    const muted: TopicPartition[] = [];
    for (const buffer of this.#live.values()) {
      if (buffer.needsProbe || buffer.isPaused) continue;
      muted.push({ topic: buffer.topic, partition: buffer.partition });
    }
    this.#consumer.pause(muted);
    return muted;
  }

  #isLive(tp: TopicPartition): boolean {
    return this.#live.has(partitionKey(tp));
  }
}
