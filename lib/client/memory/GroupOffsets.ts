import { partitionKey, type TopicPartition } from '../../model/topicPartition.ts';
import type { OffsetAndMetadata, PartitionOffset } from '../KafkaClient.ts';
import { refused } from './answers.ts';

const mostMetadata = 4096;

/** A group's committed offsets, and those that open transactions hold back. */
export class GroupOffsets {
  readonly #committed: Map<string, PartitionOffset> = new Map();
  readonly #pending: Map<number, Map<string, PartitionOffset>> = new Map();
  #onSettled: (() => void)[] = [];

  get isEmpty(): boolean {
    return this.#committed.size === 0 && this.#pending.size === 0;
  }

  commit(offsets: readonly PartitionOffset[]): void {
    check(offsets, false);
    for (const offset of offsets) this.#committed.set(partitionKey(offset), { ...offset });
  }

  /** Offsets that become true when the producer's transaction commits. */
  pend(producerId: number, offsets: readonly PartitionOffset[]): void {
    check(offsets, true);
    const pending = this.#pending.get(producerId) ?? new Map<string, PartitionOffset>();
    for (const offset of offsets) pending.set(partitionKey(offset), { ...offset });
    this.#pending.set(producerId, pending);
  }

  settle(producerId: number, outcome: 'commit' | 'abort'): void {
    const pending = this.#pending.get(producerId);
    if (pending === undefined) return;
    this.#pending.delete(producerId);
    if (outcome === 'commit') this.commit([...pending.values()]);
    const waiting = this.#onSettled;
    this.#onSettled = [];
    for (const resolve of waiting) resolve();
  }

  isStable(tps: readonly TopicPartition[]): boolean {
    for (const pending of this.#pending.values()) {
      if (tps.some((tp) => pending.has(partitionKey(tp)))) return false;
    }
    return true;
  }

  /** Resolves when a transaction that holds offsets ends. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#onSettled.push(resolve));
  }

  of(tps: readonly TopicPartition[]): Map<string, OffsetAndMetadata> {
    const result = new Map<string, OffsetAndMetadata>();
    for (const tp of tps) {
      const found = this.#committed.get(partitionKey(tp));
      if (found === undefined) continue;
      result.set(partitionKey(tp), { offset: found.offset, metadata: found.metadata ?? '' });
    }
    return result;
  }

  all(): Map<string, PartitionOffset> {
    const result = new Map<string, PartitionOffset>();
    for (const [key, { topic, partition, offset, metadata = '' }] of this.#committed) {
      result.set(key, { topic, partition, offset, metadata });
    }
    return result;
  }

  dropTopic(topic: string): void {
    for (const [key, offset] of this.#committed) {
      if (offset.topic === topic) this.#committed.delete(key);
    }
  }
}

function check(offsets: readonly PartitionOffset[], abortable: boolean): void {
  for (const { topic, metadata = '' } of offsets) {
    if (metadata.length <= mostMetadata) continue;
    const message = `Offset metadata is limited to ${mostMetadata} bytes: shorten it`;
    throw refused(12, message, topic, abortable);
  }
}
