import { KafkaError } from '../../../errors.ts';
import { partitionKey, type TopicPartition } from '../../../model/topicPartition.ts';
import type { PartitionReader } from '../../KafkaClient.ts';

/**
 * What the group assigned, on the reader that fetches it. A partition without a position is held
 * back from the reader until `seek`; kept partitions keep position and pause over a change.
 */
export class AssignedPartitions {
  readonly #reader: PartitionReader;
  #all = new Map<string, TopicPartition>();
  readonly #placed = new Set<string>();
  readonly #paused = new Set<string>();

  constructor(reader: PartitionReader) {
    this.#reader = reader;
  }

  get list(): readonly TopicPartition[] {
    return [...this.#all.values()];
  }

  has(tp: TopicPartition): boolean {
    return this.#all.has(partitionKey(tp));
  }

  get anyPlaced(): boolean {
    return this.#placed.size > 0;
  }

  /** From here on it is exactly these. */
  replace(now: readonly TopicPartition[]): void {
    this.#all = new Map(now.map((tp) => [partitionKey(tp), tp]));
    for (const key of this.#paused) if (!this.#all.has(key)) this.#paused.delete(key);
    const gone = [...this.#placed].filter((key) => !this.#all.has(key));
    if (gone.length === 0) return;
    for (const key of gone) this.#placed.delete(key);
    this.#place(null, 0);
  }

  seek(tp: TopicPartition, offset: number): void {
    const key = this.#known(tp);
    if (this.#placed.has(key)) this.#reader.seek(tp, offset);
    else this.#place(tp, offset);
  }

  position(tp: TopicPartition): number {
    const key = this.#known(tp);
    if (this.#placed.has(key)) return this.#reader.position(tp);
    throw new KafkaError('INVALID_OPTION', 'This partition has no position yet: seek first.', {
      place: tp,
    });
  }

  pause(tps: readonly TopicPartition[]): void {
    for (const tp of tps) this.#paused.add(this.#known(tp));
    this.#reader.pause(tps.filter((tp) => this.#placed.has(partitionKey(tp))));
  }

  resume(tps: readonly TopicPartition[]): void {
    for (const tp of tps) this.#paused.delete(this.#known(tp));
    this.#reader.resume(tps.filter((tp) => this.#placed.has(partitionKey(tp))));
  }

  #known(tp: TopicPartition): string {
    const key = partitionKey(tp);
    if (this.#all.has(key)) return key;
    throw new KafkaError('INVALID_OPTION', 'This partition is not assigned to this member.', {
      place: tp,
    });
  }

  /** Hands the reader all that have a position, with `added` among them. */
  #place(added: TopicPartition | null, offset: number): void {
    const positions: (TopicPartition & { readonly offset: number })[] = [];
    const paused: TopicPartition[] = [];
    for (const [key, tp] of this.#all) {
      if (!this.#placed.has(key)) continue;
      positions.push({ ...tp, offset: this.#reader.position(tp) });
      if (this.#paused.has(key)) paused.push(tp);
    }
    if (added !== null) {
      const key = partitionKey(added);
      this.#placed.add(key);
      positions.push({ ...added, offset });
      if (this.#paused.has(key)) paused.push(added);
    }
    this.#reader.assign(positions);
    if (paused.length > 0) this.#reader.pause(paused);
  }
}
