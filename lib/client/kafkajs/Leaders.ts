import { KafkaError } from '../../errors.ts';
import type { TopicPartition } from '../../model/topicPartition.ts';
import type { NodeId, PartitionMeta, Wire } from './Wire.ts';

export interface LeadersOptions {
  readonly wire: Wire;
  /** Something new is known. */
  readonly onChange: () => void;
  /** What no repetition cures. */
  readonly onFailure: (error: KafkaError) => void;
}

const firstPauseMs = 50;
const longestPauseMs = 1_000;

/**
 * Who leads a partition; looks again, at ever longer intervals, for as long as that is not known.
 */
export class Leaders {
  readonly #o: LeadersOptions;
  readonly #stale = new Set<string>();
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
      for (const topic of topics) this.#stale.delete(topic);
    } catch (error) {
      if (this.#isClosed) return;
      if (!(error instanceof KafkaError)) throw error;
      if (!error.retriable) this.#o.onFailure(error);
    } finally {
      this.#isAsking = false;
    }
    if (!this.#isClosed) this.#o.onChange();
  }
}
