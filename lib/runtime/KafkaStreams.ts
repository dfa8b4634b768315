import type { Observable } from 'rxjs';
import type { KafkaConnection } from '../client/KafkaClient.ts';
import { StreamsError } from '../errors.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import { fail } from '../model/ErrorPolicy.ts';
import { BehaviorSubject, Subject } from '../rx.ts';
import type { KeyValueStore, SessionStore, VersionedStore, WindowStore } from '../serde/handles.ts';
import type { Topology } from '../topology/Topology.ts';
import { type AppMetrics, appMetrics, taskReports } from './AppMetrics.ts';
import { AppLife, type AppState, notStarted } from './AppState.ts';
import { AppStores } from './AppStores.ts';
import { asStreamsError } from './failures.ts';
import { GlobalTables } from './GlobalTables.ts';
import { checkOptions, checkTopology, type KafkaStreamsOptions } from './KafkaStreamsOptions.ts';
import { logLines } from './logLines.ts';
import { type PreparedTopics, prepareTopics } from './prepareTopics.ts';
import type { StreamTask } from './StreamTask.ts';
import { StreamThread } from './StreamThread.ts';
import { settledOptions } from './settledOptions.ts';
import {
  type KeyValueView,
  keyValueView,
  type ViewOf,
  type WindowView,
  windowView,
} from './storeViews.ts';
import { newTaskMetrics, type TaskMetrics } from './TaskMetrics.ts';
import type { RestoredStore } from './TaskRestorer.ts';
import type { ThreadEvents } from './ThreadOptions.ts';
import { makeProducers } from './ThreadProducers.ts';

export type { KafkaStreamsOptions } from './KafkaStreamsOptions.ts';

const closeTimeoutMs = 30_000;
const lookMs = 10;

/**
 * Runs a topology: an instance of a stream-processing application. Start as many as there is work;
 * the tasks are spread over them by Kafka's consumer groups.
 *
 *     created -> rebalancing <-> running -> closing -> closed      (or error)
 *
 * Errors: options that cannot work are `INVALID_OPTION`, thrown here; what goes wrong later comes
 * by `errors$`, and what ends the app makes its state `error`.
 *
 * @example
 * import { KafkaStreams, memoryKafka, stream, string, to, topic, topology } from 'rxkstreams';
 *
 * const client = memoryKafka({ topics: { words: 1, copy: 1 } });
 * const copy = topology(() => {
 *   stream(topic('words', string())).pipe(to(topic('copy', string())));
 * });
 * const app = new KafkaStreams(copy, { applicationId: 'copier', client });
 * await app.start();
 * app.state; // => 'running'
 * await app.close();
 */
export class KafkaStreams {
  /** The state now, then each that follows; completes when the app is closed. */
  readonly state$: Observable<AppState>;
  /** What went wrong: dealt with by a handler, or the end of the app. */
  readonly errors$: Observable<StreamsError>;
  /** Each store that was restored, with what it took. */
  readonly restoration$: Observable<RestoredStore>;
  /** What has been done so far: now, then after each commit. */
  readonly metrics$: Observable<AppMetrics>;
  readonly #topology: Topology;
  readonly #options: KafkaStreamsOptions;
  readonly #clock: Clock;
  readonly #life = new AppLife();
  readonly #errors = new Subject<StreamsError>();
  readonly #restored = new Subject<RestoredStore>();
  readonly #changes = new Subject<void>();
  readonly #metrics: BehaviorSubject<AppMetrics>;
  readonly #taskMetrics = new Map<string, TaskMetrics>();
  readonly #stores: AppStores;
  #commits = 0;
  #connection: KafkaConnection | null = null;
  #thread: StreamThread | null = null;
  #globals: GlobalTables | null = null;
  #started: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | null =
    null;
  #starting: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  #hasRun = false;
  #failure: StreamsError | null = null;
  /** How many wait for `idle()` or `ended()`, and so hear what ends the app. */
  #waiting = 0;

  constructor(topology: Topology, options: KafkaStreamsOptions) {
    checkTopology(topology);
    checkOptions(options);
    this.#topology = topology;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#metrics = new BehaviorSubject(appMetrics([], 0));
    this.state$ = this.#life.state$;
    this.errors$ = this.#errors.asObservable();
    this.restoration$ = this.#restored.asObservable();
    this.metrics$ = this.#metrics.asObservable();
    this.#stores = new AppStores({
      plan: topology.plan,
      endpoint: options.endpoint ?? null,
      thread: () => this.#thread,
      globals: () => this.#globals,
      isRunning: () => this.state === 'running',
      changes$: this.#changes.asObservable(),
    });
    const { log } = options;
    if (log !== undefined) logLines(options.applicationId, this, log);
  }

  get state(): AppState {
    return this.#life.state;
  }

  /**
   * Resolves when the app runs for the first time: its topics are checked, its state is restored.
   * Rejects with what prevents that (`BROKER_UNREACHABLE`, `UNKNOWN_TOPIC`, `NOT_COPARTITIONED`,
   * ...). Called again it answers the same; an app that has ended cannot start again.
   *
   * What ends it later is told by `errors$`, `log`, and an `idle()` or `ended()` under way. Where
   * nobody listens it is an unhandled rejection: no program ends as if all was well.
   */
  start(): Promise<void> {
    const { state } = this;
    if (this.#starting === null || !['rebalancing', 'running'].includes(state)) {
      this.#starting = this.#start();
    }
    return this.#starting;
  }

  async #start(): Promise<void> {
    this.#life.to('rebalancing');
    const running = new Promise<void>((resolve, reject) => {
      this.#started = { resolve, reject };
    });
    // Whoever started is told below; nobody else waits.
    running.catch(() => undefined);
    try {
      await this.#open();
    } catch (error) {
      await this.#fail(asStreamsError(error));
    }
    await running;
  }

  /**
   * Stops taking records, commits what is done, leaves the group. Default time limit: 30 s; then it
   * rejects with `CLOSE_TIMEOUT`, and what was not committed is done again by the next start.
   */
  close(o: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(o.timeoutMs ?? closeTimeoutMs);
    return this.#closing;
  }

  /**
   * The rows of a store, on this instance. Default: what is committed under transactions, else what
   * is there now.
   */
  store<K, V>(
    handle: KeyValueStore<K, V> | VersionedStore<K, V>,
    o?: { readonly view?: ViewOf },
  ): KeyValueView<K, V>;
  store<K, V>(
    handle: WindowStore<K, V> | SessionStore<K, V>,
    o?: { readonly view?: ViewOf },
  ): WindowView<K, V>;
  store<K, V>(
    handle: KeyValueStore<K, V> | VersionedStore<K, V> | WindowStore<K, V> | SessionStore<K, V>,
    o: { readonly view?: ViewOf } = {},
  ): KeyValueView<K, V> | WindowView<K, V> {
    this.#stores.check(handle);
    const { guarantee = 'at-least-once' } = this.#options;
    const view = o.view ?? (guarantee === 'at-least-once' ? 'current' : 'committed');
    const isWindowed = handle.kind === 'window' || handle.kind === 'session';
    return isWindowed
      ? windowView<K, V>(this.#stores, handle, view)
      : keyValueView<K, V>(this.#stores, handle, view);
  }

  /** What has been done so far, on this instance. */
  metrics(): AppMetrics {
    return appMetrics(taskReports(this.tasks, this.#taskMetrics), this.#commits);
  }

  /**
   * Resolves when this instance's tasks have processed and committed everything there is to read:
   * for jobs that end. What other instances still write comes later. Rejects with what ended the
   * app.
   */
  async idle(): Promise<void> {
    if (this.#starting === null) throw notStarted(this.state);
    this.#waiting += 1;
    // Twice in a row: between two looks something may just be on its way from one task to the next.
    for (let quiet = 0; quiet < 2; ) {
      if (this.#failure !== null) throw this.#failure;
      if (this.state === 'closed') break;
      const isQuiet = this.isIdle && this.state === 'running';
      // What it has heard of the logs' ends may be old: the second look asks.
      quiet =
        isQuiet && (quiet === 0 || (await this.#thread?.isReadToEnd()) !== false) ? quiet + 1 : 0;
      await new Promise<void>((resolve) => {
        this.#clock.after(lookMs, resolve);
      });
    }
    this.#waiting -= 1;
  }

  /**
   * Resolves when the app is closed; rejects with what ended it otherwise. Awaited at the end of a
   * program it makes an app that failed a process that failed:
   *
   *   app.errors$.subscribe((error) => console.error(error.message));
   *   await app.start();
   *   await app.ended();      // rejects: the process ends with 1, and is started again
   */
  ended(): Promise<void> {
    this.#waiting += 1;
    return this.#life.ended;
  }

  /** @internal nothing can be done before something comes in or time moves on */
  get isIdle(): boolean {
    const thread = this.#thread;
    if (thread === null) return this.state !== 'rebalancing';
    return thread.isIdle && thread.isCaughtUp && (this.#globals?.isIdle ?? true);
  }

  /** @internal the tasks that run here */
  get tasks(): readonly StreamTask[] {
    return (this.#thread?.tasks.running ?? []).map(({ task }) => task);
  }

  /** @internal commits what is done; resolves when it is durable */
  async commit(): Promise<void> {
    await this.#thread?.scheduler.commit();
  }

  /** @internal as when the process dies: nothing is committed, nobody says goodbye */
  kill(): void {
    this.#thread?.kill();
    const connection = this.#connection as (KafkaConnection & { kill?(): void }) | null;
    if (connection?.kill !== undefined) connection.kill();
    else void connection?.close().catch(() => undefined);
    void this.#globals?.close().catch(() => undefined);
    if (this.#life.can('closing')) this.#life.to('closing');
    if (this.#life.can('closed')) this.#life.to('closed');
    this.#complete();
  }

  async #open(): Promise<void> {
    const o = settledOptions(this.#options);
    const { plan, factory } = this.#topology;
    const { client, random, errors = {} } = this.#options;
    this.#connection = await client.connect({
      clientId: `${o.applicationId}-${o.process}`,
      clock: this.#clock,
      ...(random === undefined ? {} : { random }),
    });
    const connection = this.#connection;
    const prepared: PreparedTopics = await prepareTopics({
      admin: connection.admin,
      plan,
      applicationId: o.applicationId,
      policies: [errors.undecodable, errors.processing, errors.production],
      idle: this.#options.idle !== undefined,
      internal: this.#options.internalTopics ?? {},
    });
    const kept = await o.state.tasks();
    const producers = await makeProducers({ ...o, connection });
    if (this.state !== 'rebalancing') return;
    this.#thread = new StreamThread(
      {
        ...o,
        ...prepared,
        connection,
        factory,
        kept,
        undecodable: errors.undecodable ?? fail,
        processing: errors.processing ?? fail,
        production: errors.production ?? fail,
        globals: (node) => this.#globals?.kernelOf(node),
        metricsOf: (task) => this.#metricsOf(task),
        events: this.#threadEvents(),
      },
      producers,
    );
    if (prepared.layout.globals.length > 0) await this.#readGlobals(connection, prepared);
    if (this.state === 'rebalancing') this.#thread.start();
  }

  async #readGlobals(connection: KafkaConnection, { layout }: PreparedTopics): Promise<void> {
    const thread = this.#thread as StreamThread;
    this.#globals = new GlobalTables({
      connection,
      layout,
      env: thread.environment,
      clock: this.#clock,
      restored: (store) => this.#restored.next(store),
      changed: () => {
        thread.scheduler.wake();
        this.#changes.next();
      },
      warn: (error) => this.#errors.next(error),
    });
    await this.#globals.start();
  }

  #threadEvents(): ThreadEvents {
    return {
      rebalancing: () => {
        if (this.state === 'running') this.#life.to('rebalancing');
      },
      running: () => {
        if (this.state === 'rebalancing') this.#life.to('running');
        this.#started?.resolve();
        this.#hasRun = true;
        this.#changes.next();
      },
      report: (error) => this.#errors.next(error),
      fatal: (error) => void this.#fail(error),
      restored: (store) => this.#restored.next(store),
      turned: () => this.#changes.next(),
      committed: () => {
        this.#commits += 1;
        this.#changes.next();
        if (this.#metrics.observed) this.#metrics.next(this.metrics());
      },
      assigned: () => this.#changes.next(),
    };
  }

  #metricsOf(task: string): TaskMetrics {
    const known = this.#taskMetrics.get(task) ?? newTaskMetrics();
    this.#taskMetrics.set(task, known);
    return known;
  }

  /**
   * The end of the app, but for `close`. Nothing is committed: the next start begins at the last
   * commit.
   */
  async #fail(error: StreamsError): Promise<void> {
    if (!this.#life.can('error')) return;
    this.#failure = error;
    this.#life.fail(error);
    if (this.#hasRun && !this.#errors.observed && this.#waiting === 0) void Promise.reject(error);
    this.#errors.next(error);
    this.#started?.reject(error);
    await this.#closeQuietly();
  }

  async #closeQuietly(): Promise<void> {
    try {
      await this.#thread?.close();
      await this.#globals?.close();
      await this.#connection?.close();
    } catch (error) {
      this.#errors.next(asStreamsError(error));
    }
  }

  async #close(timeoutMs: number): Promise<void> {
    if (this.state === 'closed') return;
    const wasError = this.state === 'error';
    if (!wasError) this.#life.to('closing');
    this.#started?.reject(
      new StreamsError('CLIENT_CLOSED', 'The app was closed while it started.'),
    );
    let cancel = (): void => {};
    const timeout = new Promise<'timeout'>((resolve) => {
      cancel = this.#clock.after(timeoutMs, () => resolve('timeout'));
    });
    const outcome = await Promise.race([this.#closeQuietly(), timeout]);
    cancel();
    const isHeld = this.tasks.some((task) => task.isHeld);
    if (outcome === 'timeout') {
      for (const task of this.tasks) task.pipeline.close();
      this.kill();
    } else {
      if (this.#life.can('closed')) this.#life.to('closed');
      this.#complete();
    }
    if (outcome !== 'timeout') return;
    throw new StreamsError(
      'CLOSE_TIMEOUT',
      `The app did not close within ${timeoutMs} ms: what was not committed is done again by the next start. ${isHeld ? 'A call of mapValuesAsync was still under way, and was aborted: give it a timeoutMs below that' : 'Raise timeoutMs, or look for a broker that does not answer'}.`,
    );
  }

  #complete(): void {
    this.#changes.complete();
    this.#errors.complete();
    this.#restored.complete();
    this.#metrics.next(this.metrics());
    this.#metrics.complete();
  }
}
