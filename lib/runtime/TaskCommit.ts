import type { NewBatch, NewRecord, PartitionOffset } from '../client/KafkaClient.ts';
import type { ManagedStore, RowBytes } from '../state/RowStore.ts';
import type { StoreCheckpoint } from '../state/StateStorage.ts';
import type { StoreSpec } from '../topology/NodeSpec.ts';
import { encodeOffsetMetadata } from './offsetMetadata.ts';
import type { PartitionBuffer } from './PartitionBuffer.ts';
import type { RunningTask } from './RunningTask.ts';

interface FrozenStore {
  readonly spec: StoreSpec;
  readonly store: ManagedStore<never, never>;
  readonly rows: readonly RowBytes[];
  /** The changelog offset after these rows; -1: not known yet. */
  offset: number;
}

/** What one task has done since its last commit, set aside at one point between two turns. */
export class TaskCommit {
  readonly running: RunningTask;
  readonly offsets: readonly PartitionOffset[];
  readonly #stores: FrozenStore[] = [];
  readonly #buffers: readonly PartitionBuffer[];

  /** Null when the task must not be committed: emitting what it held back failed. */
  static of(running: RunningTask, transactionalId: string | null): TaskCommit | null {
    const { task } = running;
    if (task.pipeline.holdsUntilCommit) task.runTurn('commit', () => task.pipeline.beforeCommit());
    if (task.isCrashed) return null;
    task.pipeline.persistTimes();
    return new TaskCommit(running, transactionalId);
  }

  private constructor(running: RunningTask, transactionalId: string | null) {
    const { task } = running;
    this.running = running;
    for (const spec of task.layout.stores) {
      const store = task.stores.get(spec.name);
      if (store === undefined || !store.isDirty) continue;
      this.#stores.push({ spec, store, rows: store.freeze(), offset: -1 });
    }
    this.#buffers = task.group.buffers.filter((b) => b.consumed !== b.committed && b.consumed >= 0);
    this.offsets = this.#buffers.map((buffer) => ({
      topic: buffer.topic,
      partition: buffer.partition,
      offset: buffer.consumed,
      metadata: encodeOffsetMetadata({
        partitionTime: buffer.time,
        transactionalId,
        lanes: lanesOf(buffer),
      }),
    }));
    task.isDirty = false;
  }

  get isEmpty(): boolean {
    return this.#stores.length === 0 && this.offsets.length === 0;
  }

  /** One batch for each changelog; `appended` must be told their first offsets, in this order. */
  changelog(topicOf: ReadonlyMap<string, string>, nowMs: number): readonly NewBatch[] {
    return this.#logged().map(({ spec, rows }) => ({
      topic: topicOf.get(spec.name) as string,
      partition: this.running.task.partition,
      records: rows.map(({ key, value }): NewRecord => ({ key, value, timestamp: nowMs })),
    }));
  }

  appended(firstOffsets: readonly number[]): void {
    this.#logged().forEach((frozen, i) => {
      frozen.offset = (firstOffsets[i] as number) + frozen.rows.length;
    });
  }

  /** The commit is durable: the local checkpoint follows, and the rows join the base. */
  async keep(nowMs: number): Promise<void> {
    const { task, storage } = this.running;
    this.#buffers.forEach((buffer, i) => {
      buffer.committed = (this.offsets[i] as PartitionOffset).offset;
    });
    const stores = this.#stores
      .filter(({ spec }) => spec.changelog !== 'none')
      .map(({ spec, rows, offset }) => ({
        store: spec.name,
        rows,
        checkpoint: this.#checkpoint(spec, offset, nowMs),
      }));
    if (stores.length > 0) await storage.write({ stores });
    for (const { store } of this.#stores) store.publish();
    task.metrics.commits += 1;
  }

  #checkpoint(spec: StoreSpec, offset: number, writtenAtMs: number): StoreCheckpoint {
    if (spec.changelog !== 'source') return { offset, writtenAtMs };
    const { task } = this.running;
    const node = task.plan.nodes.find((n) => n.stores.some((store) => store.name === spec.name));
    const source = node?.inputs[0]?.[0]?.node;
    const buffer = task.group.buffers.find((b) => b.input.source === source);
    return { offset: Math.max(0, buffer?.committed ?? 0), writtenAtMs };
  }

  #logged(): FrozenStore[] {
    return this.#stores.filter(({ spec, rows }) => spec.changelog === 'topic' && rows.length > 0);
  }
}

function lanesOf(buffer: PartitionBuffer): { time: number; atEnd: boolean }[] {
  const { lanes } = buffer;
  if (lanes === null) return [];
  return lanes.times.map((time, i) => ({ time, atEnd: lanes.atEnd[i] as boolean }));
}
