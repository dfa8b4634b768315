import { KafkaError } from '../../errors.ts';
import { partitionKey, type TopicPartition } from '../../model/topicPartition.ts';
import type { NodeId, PartitionMeta, Wire } from './Wire.ts';

export interface LeadersOptions {
  readonly wire: Wire;
  /** Something new is known. */
  readonly onChange: () => void;
  /** What no repetition cures; its place names the topic where only one is to blame. */
  readonly onFailure: (error: KafkaError) => void;
}

const firstPauseMs = 50;
const longestPauseMs = 1_000;
/**
 * How long a partition may be unknown before that is an error: news of a new one takes its time.
 */
const absentGraceMs = 5_000;

/** A partition that the cluster does not know. */
interface Absent extends TopicPartition {
  /** When the cluster first said so, and last; null: it has not answered yet. */
  sinceMs: number | null;
  lastMs: number;
}

/**
 * Who leads a partition; looks again, at ever longer intervals, for as long as that is not known.
 */
export class Leaders {
  readonly #o: LeadersOptions;
  readonly #stale = new Set<string>();
  readonly #absent = new Map<string, Absent>();
  #cancel: (() => void) | null = null;
  #isAsking = false;
  #pauseMs = 0;
  #isClosed = false;

  constructor(o: LeadersOptions) {
    this.#o = o;
  }

  /** The leader, or null while it is being looked for. */
  of(tp: TopicPartition): NodeId | null {
    if (this.#stale.has(tp.topic)) return null;
    const leader = this.meta(tp)?.leader ?? -1;
    if (leader >= 0) return leader;
    this.lost(tp.topic);
    return null;
  }

  meta({ topic, partition }: TopicPartition): PartitionMeta | undefined {
    return this.#o.wire.cluster.topics.get(topic)?.partitions.get(partition);
  }

  /**
   * The cluster has been asked and has not known this partition for too long. Who is told so once
   * may ask again: then the time begins anew.
   */
  isMissing(tp: TopicPartition): boolean {
    if (this.meta(tp) !== undefined) {
      if (this.#absent.size > 0) this.#absent.delete(partitionKey(tp));
      return false;
    }
    const key = partitionKey(tp);
    const known = this.#absent.get(key);
    if (known === undefined) {
      const { topic, partition } = tp;
      this.#absent.set(key, { topic, partition, sinceMs: null, lastMs: 0 });
      this.lost(topic);
      return false;
    }
    if (known.sinceMs === null) return false;
    if (known.lastMs - known.sinceMs < absentGraceMs) return false;
    this.#absent.delete(key);
    return true;
  }

  /** What is known of this topic is wrong, or its leaders do not answer. */
  lost(topic: string): void {
    this.#stale.add(topic);
  }

  /** All is well: the next search begins at once. */
  found(): void {
    this.#pauseMs = 0;
  }

  /**
   * Looks for what is not known: at once the first time, then ever later while that does not help.
   */
  search(): void {
    if (this.#stale.size === 0 || this.#isAsking || this.#cancel !== null || this.#isClosed) return;
    const { clock, random } = this.#o.wire;
    const spreadMs = this.#pauseMs * (0.8 + 0.4 * random());
    this.#pauseMs = Math.min(Math.max(firstPauseMs, this.#pauseMs * 2), longestPauseMs);
    this.#cancel = clock.after(spreadMs, () => {
      this.#cancel = null;
      void this.#ask();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const topics = [...this.#stale];
    try {
      await this.#o.wire.metadata(topics, true);
      this.#answered(topics);
    } catch (error) {
      if (this.#isClosed) return;
      if (!(error instanceof KafkaError)) throw error;
      if (error.retriable) return;
      // An answer as well: the others' part of it was taken in.
      if (error.place?.topic !== undefined) this.#answered(topics);
      this.#o.onFailure(error);
    } finally {
      this.#isAsking = false;
      if (!this.#isClosed) this.#o.onChange();
    }
  }

  #answered(topics: readonly string[]): void {
    for (const topic of topics) this.#stale.delete(topic);
    const nowMs = this.#o.wire.clock.now();
    for (const absent of this.#absent.values()) {
      if (!topics.includes(absent.topic) || this.meta(absent) !== undefined) continue;
      // Told so in one go: between two answers far apart much may have happened.
      const isNews = absent.sinceMs === null || nowMs - absent.lastMs > absentGraceMs;
      if (isNews) absent.sinceMs = nowMs;
      absent.lastMs = nowMs;
    }
  }
}
