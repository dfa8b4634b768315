import type { Isolation } from '../client/KafkaClient.ts';
import { type MemoryKafka, memoryKafka } from '../client/memory/MemoryKafka.ts';
import type { LogRecord } from '../model/logRecord.ts';
import { KafkaStreams, type KafkaStreamsOptions } from '../runtime/KafkaStreams.ts';
import { memoryStorage } from '../state/memoryStorage.ts';
import type { StateStorage } from '../state/StateStorage.ts';
import type { Topology } from '../topology/Topology.ts';
import { trackedStorage } from './trackedStorage.ts';
import { VirtualClock } from './VirtualClock.ts';

export interface TestAppOptions
  extends Partial<Omit<KafkaStreamsOptions, 'client' | 'clock' | 'state' | 'autoCommit'>> {
  /** Partitions of the topology's topics; default 1. */
  readonly partitions?: number;
  /**
   * Topics to make beside those the topology names (sinks chosen for each record), or with other
   * partition counts.
   */
  readonly topics?: Readonly<Record<string, number>>;
  /**
   * False: commits happen by `commit()` alone; `every record`: one after each turn. Default true.
   */
  readonly autoCommit?: boolean | 'every record';
  /** Where time begins; default 0. */
  readonly startMs?: number;
  /** Where checkpoints go; default: memory that outlives a crash of the app, as a disk would. */
  readonly state?: StateStorage;
}

/**
 * How often a commit may set off further work (each sub-topology behind a repartition) before that
 * counts as a loop.
 */
const maxCommitRounds = 100;

/**
 * An app on the memory cluster in virtual time: the real runtime with other ports. What `timeline`
 * and `topologyTest` share.
 */
export class TestApp {
  readonly clock: VirtualClock;
  readonly kafka: MemoryKafka;
  readonly #topology: Topology;
  readonly #options: TestAppOptions;
  readonly #state: StateStorage;
  #app: KafkaStreams | null = null;
  #failure: unknown = null;
  #appended = 0;

  private constructor(topology: Topology, options: TestAppOptions) {
    this.#topology = topology;
    this.#options = options;
    this.clock = new VirtualClock(
      options.startMs === undefined ? {} : { startMs: options.startMs },
    );
    const { state } = options;
    this.#state = state === undefined ? memoryStorage() : trackedStorage(state, this.clock);
    this.kafka = memoryKafka({ clock: this.clock });
    this.kafka.onAppend(() => {
      this.#appended += 1;
    });
    const partitions = options.partitions ?? 1;
    for (const topic of topicsOf(topology)) {
      this.kafka.createTopic({ topic, partitions: options.topics?.[topic] ?? partitions });
    }
    for (const [topic, count] of Object.entries(options.topics ?? {})) {
      this.kafka.createTopic({ topic, partitions: count });
    }
  }

  /** Makes the topics, starts the app, and waits until it has nothing to do. */
  static async start(topology: Topology, options: TestAppOptions = {}): Promise<TestApp> {
    const test = new TestApp(topology, options);
    await test.restart();
    return test;
  }

  /** The app that runs; after a crash there is none before `restart`. */
  get app(): KafkaStreams | null {
    return this.#app;
  }

  get applicationId(): string {
    return this.#options.applicationId ?? 'test';
  }

  /** What a reader of the topic may see under this app's guarantee. */
  get isolation(): Isolation {
    const { guarantee = 'at-least-once' } = this.#options;
    return guarantee === 'at-least-once' ? 'read-uncommitted' : 'read-committed';
  }

  records(topic: string, partition: number): readonly LogRecord[] {
    return this.kafka.records(topic, partition, this.isolation);
  }

  /** Lets everything run that can without time moving on. Rejects with what made the app fail. */
  async settle(): Promise<void> {
    await this.clock.settle();
    this.#check();
  }

  async advanceTo(ms: number): Promise<void> {
    await this.clock.advanceTo(ms);
    this.#check();
  }

  /** As for a process that slept: see `VirtualClock.jump`. */
  async jump(ms: number): Promise<void> {
    await this.clock.jump(ms);
    this.#check();
  }

  /**
   * Commits, and again for as long as a commit sets something off: behind each repartition there is
   * another task.
   */
  async commit(): Promise<void> {
    for (let round = 0; round < maxCommitRounds; round++) {
      const before = this.#appended;
      const committed = this.#app?.commit();
      await this.settle();
      await committed;
      await this.settle();
      if (this.#appended === before) return;
    }
    throw new Error(`The app was still writing after ${maxCommitRounds} commits in one instant.`);
  }

  /** The process dies: nothing is committed, nobody says goodbye. Checkpoints and topics stay. */
  async crash(): Promise<void> {
    this.#app?.kill();
    this.#app = null;
    await this.settle();
  }

  /**
   * Starts the app (again). It is a static member of its group, so it takes a crashed one's place
   * at once.
   */
  async restart(): Promise<void> {
    const { partitions: _, topics: __, startMs: ___, ...options } = this.#options;
    const app = new KafkaStreams(this.#topology, {
      sessionMs: 10_000,
      instanceId: 'test',
      ...options,
      applicationId: this.applicationId,
      client: this.kafka,
      clock: this.clock,
      random: seeded(1),
      state: this.#state,
    });
    this.#app = app;
    app.errors$.subscribe((error) => {
      if (this.#app === app && app.state === 'error') this.#failure ??= error;
    });
    let failure: unknown;
    app.start().catch((error: unknown) => {
      failure = error;
    });
    await this.clock.settle();
    if (failure !== undefined) throw failure;
    this.#check();
  }

  /** Stops the app as a program would: it commits what is done. */
  async close(): Promise<void> {
    const app = this.#app;
    this.#app = null;
    if (app === null) return;
    let failure: unknown;
    const closed = app.close().catch((error: unknown) => {
      failure = error;
    });
    await this.clock.settle();
    await closed;
    if (failure !== undefined) throw failure;
  }

  #check(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
  }
}

/** Topics the topology names itself, repartitions aside: the app makes those. */
function topicsOf(topology: Topology): ReadonlySet<string> {
  const topics = new Set<string>();
  for (const { source, spec } of topology.plan.nodes) {
    if (source !== null && source.repartition === null) {
      for (const topic of source.topics) topics.add(topic);
      if (source.undecodable?.policy === 'dead-letter') topics.add(source.undecodable.topic);
    }
    if (typeof spec?.sink?.topic === 'string') topics.add(spec.sink.topic);
  }
  return topics;
}

/** Chance that is the same every time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
