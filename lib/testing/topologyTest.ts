import { StreamsError } from '../errors.ts';
import type { Headers } from '../model/logRecord.ts';
import type { KafkaStreams } from '../runtime/KafkaStreams.ts';
import type { KeyValueRow, WindowedRow } from '../runtime/storeViews.ts';
import type {
  AnyStore,
  KeyValueStore,
  SessionStore,
  Topic,
  VersionedStore,
  WindowStore,
} from '../serde/handles.ts';
import type { Serde } from '../serde/Serde.ts';
import type { Row } from '../state/RowStore.ts';
import type { TableView } from '../topology/NodeContext.ts';
import type { Topology } from '../topology/Topology.ts';
import { TestApp, type TestAppOptions } from './TestApp.ts';

/** A record to go in. */
export interface TestInput<K, V> {
  readonly key: K | null;
  /** Null deletes. */
  readonly value: V | null;
  readonly timestamp: number;
  readonly headers?: Headers;
  /** Default: the key's own. */
  readonly partition?: number;
}

/** A record that came out. */
export interface TestOutput<K, V> {
  readonly key: K | null;
  readonly value: V | null;
  readonly timestamp: number;
  readonly headers: Headers;
  readonly partition: number;
  readonly offset: number;
}

export interface TopologyTestOptions extends TestAppOptions {}

/**
 * Runs a topology step by step, for what no picture can say: the real runtime on the memory
 * cluster, in virtual time.
 *
 * @example
 * import { count, groupByKey, int64, keyValueStore, stream, string } from 'rxkstreams';
 * import { to, topic, topology, toStream } from 'rxkstreams';
 * import { topologyTest } from 'rxkstreams/testing';
 *
 * const visits = topic('visits', string());
 * const totals = topic('totals', int64());
 * const test = await topologyTest(topology(() => {
 *   const counts = keyValueStore('counts', int64());
 *   stream(visits).pipe(groupByKey(), count(counts), toStream(), to(totals));
 * }));
 * await test.write(visits, { key: 'a', value: '/', timestamp: 10 });
 * await test.commit();
 * await test.crash();
 * await test.restart();
 * test.read(totals).map(({ key, value }) => [key, value]); // => [['a', 1]]
 * await test.close();
 *
 * @see timeline
 */
export async function topologyTest(
  topology: Topology,
  options: TopologyTestOptions = {},
): Promise<TopologyTest> {
  return new TopologyTest(await TestApp.start(topology, options));
}

/** See `topologyTest`. */
export class TopologyTest {
  /** The app and its world: the clock, the cluster, the running `KafkaStreams`. */
  readonly run: TestApp;
  readonly #read: Map<string, number> = new Map();

  /** @internal */
  constructor(run: TestApp) {
    this.run = run;
  }

  /** Writes records and waits until they are processed. */
  async write<K, V>(
    topic: Topic<K, V>,
    ...records: readonly TestInput<NoInfer<K>, NoInfer<V>>[]
  ): Promise<void> {
    for (const record of records) {
      this.run.kafka.append(topic.topic, record.partition, {
        key: record.key === null ? null : topic.key.encode(record.key),
        value: record.value === null ? null : topic.value.encode(record.value),
        timestamp: record.timestamp,
        headers: record.headers ?? [],
      });
    }
    await this.run.settle();
  }

  /** What came out since the last `read` of this topic, partition by partition. */
  read<K, V>(topic: Topic<K, V>): TestOutput<K, V>[] {
    const out: TestOutput<K, V>[] = [];
    for (let partition = 0; partition < this.#partitions(topic.topic); partition++) {
      const id = `${topic.topic}-${partition}`;
      const log = this.run.records(topic.topic, partition);
      for (const record of log.slice(this.#read.get(id) ?? 0)) {
        out.push({
          key: decoded(topic.key, record.key),
          value: decoded(topic.value, record.value),
          timestamp: record.timestamp,
          headers: record.headers,
          partition,
          offset: record.offset,
        });
      }
      this.#read.set(id, log.length);
    }
    return out;
  }

  /** A store's rows over all partitions, in order of their keys, as a query would see them. */
  rows<K, V>(store: KeyValueStore<K, V> | VersionedStore<K, V>): Promise<KeyValueRow<K, V>[]>;
  rows<K, V>(store: WindowStore<K, V> | SessionStore<K, V>): Promise<WindowedRow<K, V>[]>;
  async rows(store: AnyStore): Promise<unknown[]> {
    const handle = store as unknown as KeyValueStore<unknown, unknown>;
    const rows = await this.#app().store(handle, { view: 'current' }).all();
    const order = new Map(rows.map((row) => [row, handle.key.encode(row.key)]));
    return rows.sort((a, b) =>
      compareBytes(order.get(a) as Uint8Array, order.get(b) as Uint8Array),
    );
  }

  /** The row of a table with a versioned store, as it was at that time. */
  asOf<K, V>(store: VersionedStore<K, V>, key: K, time: number): Row<V> | undefined {
    for (const { pipeline, plan } of this.#app().tasks) {
      const node = plan.nodes.find(({ stores }) => stores.some(({ name }) => name === store.store));
      const view = pipeline.kernels[node?.index ?? -1]?.view as TableView<K, V> | undefined;
      const row = view?.getAsOf?.(key, time);
      if (row !== undefined) return row;
    }
    return undefined;
  }

  /** How many records lie in a store's changelog. */
  changelogSize(store: { readonly store: string }): number {
    const topic = `${this.run.applicationId}-${store.store}-changelog`;
    let size = 0;
    for (let n = 0; n < this.#partitions(topic); n++) size += this.run.records(topic, n).length;
    return size;
  }

  /** Moves virtual time on; timers and wall-clock punctuations on the way fire in order. */
  advance(ms: number): Promise<void> {
    return this.run.advanceTo(this.run.clock.now() + ms);
  }

  /**
   * Virtual time moves on at once, as for a process that slept: what was due on the way fires once,
   * late.
   */
  jump(ms: number): Promise<void> {
    return this.run.jump(ms);
  }

  /** Commits until nothing moves. */
  commit(): Promise<void> {
    return this.run.commit();
  }

  /** The process dies. Topics and checkpoints stay. */
  crash(): Promise<void> {
    return this.run.crash();
  }

  restart(): Promise<void> {
    return this.run.restart();
  }

  close(): Promise<void> {
    return this.run.close();
  }

  #app(): KafkaStreams {
    const { app } = this.run;
    if (app !== null) return app;
    throw new StreamsError('STORE_NOT_READY', 'The app has crashed: restart it to see its stores.');
  }

  #partitions(topic: string): number {
    const count = this.run.kafka.partitions(topic);
    if (count > 0) return count;
    throw new StreamsError(
      'UNKNOWN_TOPIC',
      `There is no topic '${topic}'; there are: ${this.run.kafka.topics().join(', ')}. Topics chosen for each record go into the option \`topics\`.`,
    );
  }
}

function decoded<T>(serde: Serde<T>, bytes: Uint8Array | null): T | null {
  return bytes === null ? null : serde.decode(bytes);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
