import type {
  Admin,
  Isolation,
  KafkaConnection,
  LogRecord,
  PartitionReader,
} from '../client/KafkaClient.ts';
import { StateCorruptError, StreamsError } from '../errors.ts';
import type { Clock } from '../model/clock.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import type { Serde } from '../serde/Serde.ts';
import { createRowStore } from '../state/createRowStore.ts';
import type { ManagedStore, RowBytes } from '../state/RowStore.ts';
import type { StateStorage, StoreCheckpoint, TaskStorage } from '../state/StateStorage.ts';
import type { StoreSpec } from '../topology/NodeSpec.ts';
import type { PartitionBuffer } from './PartitionBuffer.ts';
import { replaySource } from './replaySource.ts';
import type { StreamTask } from './StreamTask.ts';

/** How the restoration of one store went. */
export interface RestoredStore {
  readonly task: string;
  readonly store: string;
  /** Rows that came from the local checkpoint. */
  readonly checkpointRows: number;
  /** Records replayed from the changelog: the tail after the checkpoint, or all of it. */
  readonly changelogRecords: number;
}

export interface RestoreOptions {
  readonly connection: KafkaConnection;
  readonly state: StateStorage;
  readonly changelogs: ReadonlyMap<string, string>;
  readonly isolation: Isolation;
  readonly clock: Clock;
  /** A checkpoint could not be used: the store is restored from the beginning. */
  readonly warn: (error: StreamsError) => void;
  readonly restored: (store: RestoredStore) => void;
}

/** Checked between two reads: the task is wanted no more. */
export interface Wanted {
  readonly isWanted: boolean;
}

const defaultDeleteRetentionMs = 86_400_000;
const pollMs = 500;

/**
 * Brings a task's stores to where the last commit left them: the local checkpoint, then the
 * changelog from there to its end.
 */
export class TaskRestorer {
  readonly #o: RestoreOptions;
  readonly #admin: Admin;
  readonly #deleteRetention = new Map<string, number>();
  readonly #opened = new Set<TaskStorage>();

  constructor(o: RestoreOptions) {
    this.#o = o;
    this.#admin = o.connection.admin;
  }

  /** Opens the task's storage and fills its stores; answers the storage. Null: no longer wanted. */
  async restore(task: StreamTask, wanted: Wanted): Promise<TaskStorage> {
    const storage = await this.#open(task.id);
    this.#opened.add(storage);
    const reader = this.#o.connection.reader({ isolation: this.#o.isolation });
    try {
      for (const spec of task.layout.stores) {
        const store = await this.#restoreStore(task, spec, storage, reader, wanted);
        task.stores.set(spec.name, store);
        if (!wanted.isWanted) break;
      }
    } catch (error) {
      await this.close(storage);
      throw error;
    } finally {
      await reader.close();
    }
    return storage;
  }

  async close(storage: TaskStorage): Promise<void> {
    this.#opened.delete(storage);
    await storage.close();
  }

  /** As when the process dies: nothing is held any more. */
  kill(): void {
    for (const storage of this.#opened) void this.close(storage);
  }

  /**
   * Tables whose source topic is their changelog: up to the committed offset, through the table's
   * own kernel.
   */
  async replaySources(task: StreamTask, storage: TaskStorage, wanted: Wanted): Promise<void> {
    for (const node of task.plan.nodes) {
      if (node.subTopology !== task.layout.id) continue;
      for (const spec of node.stores) {
        if (spec.changelog !== 'source') continue;
        const source = node.inputs[0]?.[0]?.node;
        const buffer = task.group.buffers.find((b) => b.input.source === source);
        const store = task.stores.get(spec.name);
        if (buffer === undefined || store === undefined || !wanted.isWanted) continue;
        await this.#replaySource(task, node.index, spec, buffer, store, storage, wanted);
      }
    }
  }

  async #replaySource(
    task: StreamTask,
    node: number,
    spec: StoreSpec,
    buffer: PartitionBuffer,
    store: ManagedStore<never, never>,
    storage: TaskStorage,
    wanted: Wanted,
  ): Promise<void> {
    const checkpoint = await storage.checkpoint(spec.name);
    const earliest = await this.#offset(buffer, 'earliest');
    const from = Math.max(checkpoint?.offset ?? 0, earliest);
    const reader = this.#o.connection.reader({ isolation: this.#o.isolation });
    let replayed = 0;
    try {
      for await (const { records, offset } of replaySource({
        task,
        node,
        buffer,
        reader,
        from,
        wanted,
      })) {
        replayed += records;
        const rows = store.freeze();
        await this.#write(storage, spec.name, rows, offset);
        store.publish();
      }
    } finally {
      await reader.close();
    }
    task.metrics.restored += replayed;
    this.#o.restored({
      task: task.id,
      store: spec.name,
      checkpointRows: 0,
      changelogRecords: replayed,
    });
  }

  async #open(task: string): Promise<TaskStorage> {
    try {
      return await this.#o.state.open(task);
    } catch (error) {
      if (!(error instanceof StateCorruptError)) throw error;
      this.#o.warn(unreadable(`all stores of task ${task}`, task, error));
      await this.#o.state.wipe(task);
      return this.#o.state.open(task);
    }
  }

  async #restoreStore(
    task: StreamTask,
    spec: StoreSpec,
    storage: TaskStorage,
    reader: PartitionReader,
    wanted: Wanted,
  ): Promise<ManagedStore<never, never>> {
    const { name, timeIndex } = spec;
    const [key, value] = [spec.key as Serde<never>, spec.value as Serde<never>];
    const changelog = spec.changelog !== 'none';
    const store = createRowStore<never, never>({ name, key, value, timeIndex, changelog }, storage);
    if (spec.changelog === 'none') return store;
    const topic = spec.changelog === 'topic' ? (this.#o.changelogs.get(spec.name) as string) : null;
    const tp = topic === null ? null : { topic, partition: task.partition };
    const end = tp === null ? 0 : await this.#offset(tp, 'latest');
    const checkpoint = await this.#checkpoint(task, spec, storage, tp, end);
    let checkpointRows = 0;
    let from = checkpoint?.offset ?? 0;
    if (checkpoint !== null) {
      try {
        checkpointRows = await this.#load(store, storage, spec.name);
      } catch (error) {
        if (!(error instanceof StateCorruptError)) throw error;
        this.#o.warn(unreadable(`the store '${spec.name}'`, task.id, error));
        await storage.clear(spec.name);
        store.clear();
        from = 0;
      }
    }
    if (tp === null) return store;
    const changelogRecords = await this.#replay(
      store,
      storage,
      reader,
      tp,
      from,
      end,
      wanted,
    ).catch((error: unknown) => {
      if (!(error instanceof StateCorruptError)) throw error;
      const { message, cause } = error;
      throw new StateCorruptError(message, { place: { task: task.id, ...tp }, cause });
    });
    task.metrics.restored += changelogRecords;
    this.#o.restored({ task: task.id, store: spec.name, checkpointRows, changelogRecords });
    return store;
  }

  async #load(
    store: ManagedStore<never, never>,
    storage: TaskStorage,
    name: string,
  ): Promise<number> {
    let count = 0;
    for await (const rows of storage.rows(name)) {
      store.restore(rows);
      count += rows.length;
    }
    return count;
  }

  /** The checkpoint, if it can be used; what cannot be is deleted, with a warning. */
  async #checkpoint(
    task: StreamTask,
    spec: StoreSpec,
    storage: TaskStorage,
    tp: TopicPartition | null,
    end: number,
  ): Promise<StoreCheckpoint | null> {
    let checkpoint: StoreCheckpoint | null;
    try {
      checkpoint = await storage.checkpoint(spec.name);
    } catch (error) {
      if (!(error instanceof StateCorruptError)) throw error;
      this.#o.warn(unreadable(`the store '${spec.name}'`, task.id, error));
      await storage.clear(spec.name);
      return null;
    }
    if (checkpoint === null || tp === null) return checkpoint;
    const why = await this.#uselessBecause(checkpoint, tp, end);
    if (why === null) return checkpoint;
    this.#o.warn(
      new StreamsError(
        'STATE_CORRUPT',
        `The checkpoint of the store '${spec.name}' cannot be used: ${why}. The store is restored from its changelog.`,
        {
          place: {
            task: task.id,
            topic: tp.topic,
            partition: tp.partition,
            offset: checkpoint.offset,
          },
        },
      ),
    );
    await storage.clear(spec.name);
    return null;
  }

  async #uselessBecause(
    checkpoint: StoreCheckpoint,
    tp: TopicPartition,
    end: number,
  ): Promise<string | null> {
    const { offset, writtenAtMs } = checkpoint;
    if (offset > end) return `it is at offset ${offset}, the changelog ends at ${end}`;
    if (offset < (await this.#offset(tp, 'earliest'))) return 'the changelog begins after it';
    const age = this.#o.clock.now() - writtenAtMs;
    // Deletions may be gone from the changelog, so deleted rows would come back.
    if (offset < end && age > (await this.#deleteRetentionMs(tp.topic))) {
      const seconds = Math.round(age / 1000);
      return `it is ${seconds} s old, longer than the changelog's delete.retention.ms`;
    }
    return null;
  }

  async #replay(
    store: ManagedStore<never, never>,
    storage: TaskStorage,
    reader: PartitionReader,
    tp: TopicPartition,
    from: number,
    end: number,
    wanted: Wanted,
  ): Promise<number> {
    if (from >= end) return 0;
    const start = Math.max(from, await this.#offset(tp, 'earliest'));
    reader.assign([{ ...tp, offset: start }]);
    let replayed = 0;
    while (reader.position(tp) < end && wanted.isWanted) {
      for (const { records, nextOffset } of await reader.poll(pollMs)) {
        const rows = rowsOf(records, end);
        store.restore(rows);
        await this.#write(storage, store.name, rows, Math.min(nextOffset, end));
        replayed += rows.length;
      }
    }
    return replayed;
  }

  async #write(
    storage: TaskStorage,
    store: string,
    rows: readonly RowBytes[],
    offset: number,
  ): Promise<void> {
    const checkpoint = { offset, writtenAtMs: this.#o.clock.now() };
    await storage.write({ stores: [{ store, rows, checkpoint }] });
  }

  /**
   * The end is that of the log: markers of a committed transaction may be on their way, and are
   * waited for.
   */
  async #offset(tp: TopicPartition, at: 'earliest' | 'latest'): Promise<number> {
    const { topic, partition } = tp;
    const offsets = await this.#admin.listOffsets([{ topic, partition }], at);
    return offsets.get(partitionKey(tp)) ?? 0;
  }

  async #deleteRetentionMs(topic: string): Promise<number> {
    const known = this.#deleteRetention.get(topic);
    if (known !== undefined) return known;
    const config = await this.#admin.describeConfigs(topic);
    const ms = Number(config['delete.retention.ms'] ?? defaultDeleteRetentionMs);
    this.#deleteRetention.set(topic, ms);
    return ms;
  }
}

/** A warning: it costs time alone. */
function unreadable(what: string, task: string, cause: StateCorruptError): StateCorruptError {
  const reason = cause.cause instanceof Error ? cause.cause.message : cause.message;
  return new StateCorruptError(
    `The checkpoint of ${what} cannot be read (${reason}). It is deleted, and restored from the ` +
      'changelog: nothing is lost.',
    { place: { task }, cause },
  );
}

function rowsOf(records: readonly LogRecord[], end: number): RowBytes[] {
  const rows: RowBytes[] = [];
  for (const { key, value, offset } of records) {
    if (key !== null && offset < end) rows.push({ key, value });
  }
  return rows;
}
