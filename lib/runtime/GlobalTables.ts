import type { KafkaConnection, PartitionReader } from '../client/KafkaClient.ts';
import type { StreamsError } from '../errors.ts';
import type { Clock } from '../model/clock.ts';
import { partitionKey } from '../model/topicPartition.ts';
import type { Serde } from '../serde/Serde.ts';
import { createRowStore } from '../state/createRowStore.ts';
import type { ManagedStore } from '../state/RowStore.ts';
import type { Kernel } from '../topology/NodeContext.ts';
import { oneLane } from '../topology/StreamTime.ts';
import type { AppLayout, InputTopic } from './AppLayout.ts';
import { asStreamsError, isTransient } from './failures.ts';
import { StreamTask } from './StreamTask.ts';
import type { TaskEnvironment } from './TaskEnvironment.ts';
import type { RestoredStore } from './TaskRestorer.ts';

const sliceTurns = 1000;
const longPollMs = 10_000;
const retryMs = 500;

export interface GlobalTablesOptions {
  readonly connection: KafkaConnection;
  readonly layout: AppLayout;
  readonly env: TaskEnvironment;
  readonly clock: Clock;
  readonly restored: (store: RestoredStore) => void;
  readonly changed: () => void;
  readonly warn: (error: StreamsError) => void;
}

/**
 * The global tables of an app: read whole before it starts, and followed from then on. All its
 * tasks look into them.
 */
export class GlobalTables {
  readonly #o: GlobalTablesOptions;
  readonly #task: StreamTask;
  readonly #reader: PartitionReader;
  #isClosed = false;
  #isQuiet = false;

  constructor(o: GlobalTablesOptions) {
    this.#o = o;
    const inputs = o.layout.globals.map(
      ({ source, topic, partitions }): InputTopic => ({
        topic,
        source,
        partitions,
        repartition: null,
        upstreams: 0,
        firstLane: 0,
        waitsForUpstreams: false,
      }),
    );
    const nodes = o.layout.plan.nodes.filter((node) => node.subTopology < 0);
    const stores = nodes.flatMap((node) => node.stores);
    const layout = { id: -1, tasks: 1, inputs, lanes: oneLane, stores };
    // Partitions of a table need no order among one another.
    this.#task = new StreamTask({ ...o.env, maxTaskIdleMs: -1 }, layout, -1);
    for (const { name, key, value, timeIndex } of stores) {
      const store = createRowStore<never, never>({
        name,
        key: key as Serde<never>,
        value: value as Serde<never>,
        timeIndex,
        changelog: false,
      });
      this.#task.stores.set(name, store);
    }
    this.#reader = o.connection.reader({ isolation: o.env.isolation });
  }

  kernelOf(node: number): Kernel | undefined {
    return this.#task.pipeline.kernels[node];
  }

  store(name: string): ManagedStore<never, never> | undefined {
    return this.#task.stores.get(name);
  }

  get isIdle(): boolean {
    return this.#isQuiet || this.#isClosed;
  }

  /** Reads what is there; then follows in the background. */
  async start(): Promise<void> {
    const { admin } = this.#o.connection;
    const { isolation } = this.#o.env;
    const { buffers } = this.#task.group;
    const tps = buffers.map(({ topic, partition }) => ({ topic, partition }));
    const from = await admin.listOffsets(tps, 'earliest', isolation);
    const ends = await admin.listOffsets(tps, 'latest', isolation);
    this.#task.start();
    this.#task.connect();
    for (const buffer of buffers) buffer.seek(from.get(buffer.key) ?? 0);
    this.#reader.assign(
      buffers.map(({ topic, partition, position: offset }) => ({ topic, partition, offset })),
    );
    const isBehind = (): boolean => buffers.some((b) => b.position < (ends.get(b.key) ?? 0));
    while (isBehind() && !this.#isClosed) await this.#step(retryMs);
    for (const [name] of this.#task.stores) {
      this.#o.restored({
        task: 'global',
        store: name,
        checkpointRows: 0,
        changelogRecords: this.#task.metrics.processed,
      });
    }
    void this.#follow();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#task.pipeline.close();
    await this.#reader.close();
  }

  async #follow(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#step(longPollMs);
      } catch (error) {
        if (this.#isClosed) return;
        const failure = asStreamsError(error);
        if (!isTransient(failure)) {
          this.#o.env.crash(failure);
          return;
        }
        this.#o.warn(failure);
        await new Promise<void>((resolve) => {
          this.#o.clock.after(retryMs, resolve);
        });
      }
    }
  }

  async #step(waitMs: number): Promise<void> {
    this.#isQuiet = true;
    const fetched = await this.#reader.poll(waitMs);
    this.#isQuiet = false;
    for (const part of fetched) {
      const key = partitionKey(part);
      const buffer = this.#task.group.buffers.find((b) => b.key === key);
      buffer?.add(part, this.#o.env.isolation);
    }
    while (this.#task.slice(sliceTurns) > 0 && !this.#isClosed) await this.#o.clock.breathe();
    for (const store of this.#task.stores.values()) {
      if (!store.isDirty) continue;
      store.freeze();
      store.publish();
    }
    this.#o.changed();
  }
}
