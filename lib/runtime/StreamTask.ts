import { StreamsError } from '../errors.ts';
import type { ErrorPolicy } from '../model/ErrorPolicy.ts';
import { type AnyRecord, type Origin, origin } from '../model/record.ts';
import type { ManagedStore } from '../state/RowStore.ts';
import type { DropReason, Kernel, ScheduleOptions } from '../topology/NodeContext.ts';
import type { AnySerde } from '../topology/NodeSpec.ts';
import type { Plan, PlanNode } from '../topology/Plan.ts';
import type { LaneLayout } from '../topology/StreamTime.ts';
import { Turn } from '../topology/Turn.ts';
import type { InputTopic, SubTopologyLayout } from './AppLayout.ts';
import type { HotOutput } from './HotOutput.ts';
import { InFlight } from './InFlight.ts';
import type { Progress } from './laneHeader.ts';
import { makeWriter } from './makeWriter.ts';
import type { FailureSink, NodeInput } from './NodeInput.ts';
import { PartitionBuffer } from './PartitionBuffer.ts';
import { PartitionGroup } from './PartitionGroup.ts';
import { ProductionError } from './ProductionError.ts';
import { type DecoderEvents, SourceDecoder } from './SourceDecoder.ts';
import type { TaskEnvironment } from './TaskEnvironment.ts';
import type { TaskMetrics } from './TaskMetrics.ts';
import type { TaskServices } from './TaskNode.ts';
import { TaskPipeline } from './TaskPipeline.ts';
import { TaskScope } from './TaskScope.ts';
import { TaskTime } from './TaskTime.ts';
import { TaskTimers } from './TaskTimers.ts';
import { canBeHandled, failureOf, foreignFailure } from './taskFailure.ts';

/** A turn that failed: what, and at which record. */
interface Failure {
  readonly error: StreamsError;
  readonly record: AnyRecord | null;
}

/**
 * One sub-topology on one partition: takes one record at a time, in exact order, through the whole
 * pipeline, synchronously. That is its turn; a turn that fails leaves no trace.
 */
export class StreamTask implements TaskServices, FailureSink, DecoderEvents {
  readonly id: string;
  readonly partition: number;
  readonly turn: Turn = new Turn();
  readonly plan: Plan;
  readonly lanes: LaneLayout;
  readonly layout: SubTopologyLayout;
  readonly group: PartitionGroup;
  readonly pipeline: TaskPipeline;
  readonly stores: Map<string, ManagedStore<never, never>> = new Map();
  readonly metrics: TaskMetrics;
  /** Something happened that a commit has to keep. */
  isDirty = false;
  isCrashed = false;
  /** It takes no records until what is in flight is through: a commit waits for it. */
  isDraining = false;
  /** It will be closed: it takes no more records. */
  isClosing = false;
  /** A source topic is read again as a changelog: what its handlers did then they have done. */
  isReplaying = false;
  readonly #env: TaskEnvironment;
  readonly #sources = new Map<number, { readonly output: HotOutput; readonly key: AnySerde }>();
  readonly #timers = new TaskTimers(this.turn, (error, node) => this.turnFailed(error, node, null));
  readonly #inFlight: InFlight;
  readonly #time = new TaskTime();
  readonly #resubscribe: NodeInput[] = [];
  #storeList: readonly ManagedStore<never, never>[] = [];
  #failure: Failure | null = null;
  /** The record whose turn it is; null: something else's, or nobody's. */
  #inTurnOf: AnyRecord | null = null;
  #quietSince: number;
  #isFinished = false;

  /** Global tables are one task that reads all partitions: `partition` is -1. */
  constructor(env: TaskEnvironment, layout: SubTopologyLayout, partition: number) {
    this.#env = env;
    this.#inFlight = new InFlight(() => env.wake());
    this.layout = layout;
    this.id = partition < 0 ? 'global' : `${layout.id}_${partition}`;
    this.partition = partition;
    this.plan = env.layout.plan;
    this.lanes = layout.lanes;
    this.metrics = env.metricsOf(this.id);
    this.#quietSince = env.clock.now();
    const scope = new TaskScope(this.plan, env.factory);
    this.#timers.eventTime = scope.usedEventTime;
    this.pipeline = new TaskPipeline(scope, this.plan, layout.id, this, (node) =>
      makeWriter(env, node, partition, () => this.#time.now),
    );
    const buffers = layout.inputs.flatMap((input) => this.#buffers(input));
    this.group = new PartitionGroup(buffers, env.maxTaskIdleMs, () => env.clock.now());
  }

  /** The stores are restored: starts the kernels. */
  start(): void {
    this.#storeList = [...this.stores.values()];
    this.pipeline.start();
  }

  /** Records may come. */
  connect(): void {
    this.pipeline.connect();
    this.#time.resume(this.group.buffers);
    if (this.#time.now >= 0) this.#timers.stream.resume(this.#time.now);
    this.#quietSince = this.#env.clock.now();
  }

  /** Takes up to so many records; answers how many turns it had. */
  slice(most: number): number {
    let turns = this.#inFlight.hasWork ? this.#runWork() : 0;
    if (this.#timers.wall.due !== Number.POSITIVE_INFINITY) turns += this.#punctuate();
    while (turns < most && this.#takesRecords) {
      let buffer: PartitionBuffer | null;
      try {
        buffer = this.group.next();
      } catch (error) {
        this.crash(failureOf(error, this.id, 'the source', null));
        break;
      }
      if (buffer === null) break;
      if (buffer.progress !== null) this.#hear(buffer, buffer.progress);
      else this.#take(buffer, buffer.head as AnyRecord);
      turns += 1;
    }
    if (turns > 0) {
      this.isDirty = true;
      this.#isFinished = false;
      this.#quietSince = this.#env.clock.now();
    }
    return turns;
  }

  #take(buffer: PartitionBuffer, record: AnyRecord): void {
    const { turn } = this;
    const { collector } = this.#env;
    const source = this.#sources.get(buffer.input.source) as { output: HotOutput; key: AnySerde };
    this.#observe(buffer, record);
    turn.begin();
    this.#beginStores();
    collector.beginTurn();
    collector.currentKey = buffer.headKey;
    collector.currentKeyBytes = buffer.headKeyBytes;
    collector.currentKeySerde = source.key;
    this.#inTurnOf = record;
    this.#timers.runEventTime(this.#time.now, false);
    source.output.emit(record);
    this.#timers.runEventTime(this.#time.now, true);
    if (turn.state === 1) this.#timers.runStream(this.#time.now);
    this.metrics.processed += 1;
    const isThrough = this.#failure === null || this.#giveUp(record);
    this.#inTurnOf = null;
    turn.end();
    if (this.#resubscribe.length > 0) this.#subscribeAgain();
    if (isThrough) buffer.shift();
  }

  /** An upstream task tells how far it is. */
  #hear(buffer: PartitionBuffer, said: Progress): void {
    const { input } = buffer;
    buffer.lanes?.say(said.upstream, said.time, said.atEnd);
    if (input.firstLane > 0 && said.time >= 0 && said.upstream < input.upstreams) {
      this.#time.follow(this.group.buffers);
      this.runTurn('progress', () =>
        this.pipeline.advance(input.source, input.firstLane + said.upstream, said.time),
      );
    }
    if (!this.isCrashed) buffer.shift();
  }

  /** Runs work in a turn of its own. What fails in it goes to the processing handler. */
  runTurn(node: string, work: () => void): void {
    this.turn.begin();
    this.#beginStores();
    this.#env.collector.beginTurn();
    this.#env.collector.currentKeySerde = null;
    try {
      work();
      this.#timers.runEventTime(this.#time.now, true);
      if (this.turn.state === 1) this.#timers.runStream(this.#time.now);
    } catch (error) {
      this.turnFailed(error, node, null);
    }
    if (this.#failure !== null) this.#giveUp(null);
    this.turn.end();
    if (this.#resubscribe.length > 0) this.#subscribeAgain();
    this.isDirty = true;
  }

  #beginStores(): void {
    const stores = this.#storeList;
    for (let i = 0; i < stores.length; i++) (stores[i] as ManagedStore<never, never>).beginTurn();
  }

  #runWork(): number {
    const work = this.#inFlight.takeWork();
    for (const { node, run } of work) if (!this.isCrashed) this.runTurn(node, run);
    return work.length;
  }

  #punctuate(): number {
    const now = this.#env.clock.now();
    if (this.#timers.wall.due > now || !this.#takesRecords) return 0;
    this.runTurn('punctuation', () => this.#timers.wall.run(now));
    return 1;
  }

  /** Work waits that can be done now. */
  get hasWork(): boolean {
    if (this.isCrashed) return false;
    if (this.#inFlight.hasWork) return true;
    try {
      return this.#takesRecords && this.group.next() !== null;
    } catch {
      // Whoever takes it up will find out.
      return true;
    }
  }

  get #takesRecords(): boolean {
    if (this.isCrashed || this.isDraining || this.isClosing) return false;
    return !this.#inFlight.isFull;
  }

  /** Async work is in flight. */
  get isHeld(): boolean {
    return !this.#inFlight.isEmpty;
  }

  /** When it must be looked at again though nothing comes in. */
  get dueMs(): number {
    return Math.min(this.#timers.wall.due, this.group.dueMs, this.#idleDueMs);
  }

  /** All inputs are at their end, and nothing is in flight. */
  get isDrained(): boolean {
    return this.group.isAtEnd && this.#inFlight.isEmpty;
  }

  get #idleDueMs(): number {
    const after = this.#env.idleAfterMs;
    if (after === null || this.#isFinished || !this.isDrained) return Number.POSITIVE_INFINITY;
    return this.#quietSince + after;
  }

  /** A quiet input counts as finished for now: what waits for its time is closed. */
  finishWhenIdle(): void {
    if (this.#idleDueMs > this.#env.clock.now()) return;
    this.#isFinished = true;
    if (this.pipeline.latestDue < 0) return;
    this.runTurn('idle', () => this.pipeline.finish());
  }

  /** Tells the readers of its repartitions how far it is. */
  sayProgress(): void {
    const time = this.layout.tasks > 1 ? this.#time.now : -1;
    const atEnd = this.isDrained;
    for (const writer of this.pipeline.writers)
      writer.say({ upstream: this.partition, time, atEnd });
  }

  #observe({ input, lanes, headUpstreamTime }: PartitionBuffer, record: AnyRecord): void {
    if (lanes === null) this.#time.advance(record.timestamp);
    else {
      const time = Math.max(record.timestamp, headUpstreamTime);
      lanes.record(record[origin].lane - input.firstLane, time);
      this.#time.follow(this.group.buffers);
    }
  }

  store(name: string): ManagedStore<never, never> | undefined {
    return this.stores.get(name);
  }

  kernelOf(node: number): Kernel | undefined {
    return this.pipeline.kernels[node] ?? this.#env.globals(node);
  }

  drop(_record: AnyRecord, reason: DropReason): void {
    this.dropped(reason);
  }

  dropped(reason: DropReason): void {
    const { dropped } = this.metrics;
    dropped[reason] = (dropped[reason] ?? 0) + 1;
  }

  schedule(node: string, o: ScheduleOptions, punctuate: (timestamp: number) => void): () => void {
    const cancel = this.#timers.add(node, o, this.#env.clock.now(), punctuate);
    this.#env.wake();
    return cancel;
  }

  wallClock(): number {
    return this.#env.clock.now();
  }

  taskTime(): number {
    return this.#time.now;
  }

  inTurn(node: string, run: () => void): void {
    this.#inFlight.add(node, run);
  }

  hold(): () => void {
    return this.#inFlight.hold();
  }

  after(delayMs: number, ring: () => void): () => void {
    return this.#env.clock.after(delayMs, ring);
  }

  /** A record that an operator gave up, in a turn that goes on. */
  failed(error: unknown, node: string, record: AnyRecord, own: ErrorPolicy | null): void {
    const policy = own ?? this.#env.processing;
    const failure = failureOf(error, this.id, node, record);
    if (policy.policy === 'fail') {
      this.crash(failure);
      return;
    }
    this.#setAside('failed', policy, failure, record[origin]);
  }

  turnFailed(error: unknown, node: string, record: AnyRecord | null): void {
    if (this.turn.state !== 1) return;
    this.turn.giveUp();
    this.#failure = { error: failureOf(error, this.id, node, record), record };
  }

  foreignFailed(input: NodeInput, cause: unknown): void {
    const from = this.turn.state === 1 ? this.#inTurnOf : null;
    const error = foreignFailure(cause, this.id, input.node, from);
    // One of ours that was applied too late, inside an operator of RxJS: no handler's business.
    if (cause instanceof StreamsError && !canBeHandled(cause)) this.crash(cause);
    if (this.isCrashed) return;
    this.#resubscribe.push(input);
    if (this.turn.state === 1) {
      this.turn.giveUp();
      this.#failure = { error, record: from };
    } else if (this.turn.state === 0) {
      if (this.#env.processing.policy === 'fail') this.crash(error);
      else {
        this.#env.report(error);
        this.#subscribeAgain();
      }
    }
  }

  crash(error: StreamsError): void {
    if (this.isCrashed) return;
    this.isCrashed = true;
    if (this.turn.state === 1) this.turn.giveUp();
    this.#env.crash(error);
  }

  undecodable(error: StreamsError, policy: ErrorPolicy, from: Origin): void {
    if (policy.policy === 'fail') throw error;
    this.#setAside('undecodable', policy, error, from);
  }

  /** Undoes the turn, and does with its record what the handler says. False: the task has ended. */
  #giveUp(turnRecord: AnyRecord | null): boolean {
    const { error, record } = this.#failure as Failure;
    this.#failure = null;
    this.turn.rollback();
    for (const store of this.#storeList) store.rollbackTurn();
    this.#env.collector.rollbackTurn();
    const policy = this.#env.processing;
    if (this.isCrashed) return false;
    if (policy.policy === 'fail' || error instanceof ProductionError || !canBeHandled(error)) {
      this.crash(error);
      return false;
    }
    this.#setAside('failed', policy, error, (turnRecord ?? record)?.[origin]);
    return true;
  }

  /** The record is left out: counted, told, and kept in a dead-letter topic if there is one. */
  #setAside(why: DropReason, policy: ErrorPolicy, error: StreamsError, from?: Origin): void {
    if (this.isReplaying) return;
    this.dropped(why);
    this.isDirty = true;
    this.#env.report(error);
    if (policy.policy !== 'dead-letter' || from === undefined) return;
    this.#env.collector.deadLetter(policy.topic, from.raw, from, error);
  }

  #buffers(input: InputTopic): PartitionBuffer[] {
    const spec = this.plan.nodes[input.source]?.source as NonNullable<PlanNode['source']>;
    const output = this.pipeline.source(input.source);
    this.#sources.set(input.source, { output, key: spec.key });
    const decoder = new SourceDecoder(spec, this.#env.undecodable, this, output);
    const all = Array.from({ length: input.partitions }, (_, partition) => partition);
    const wanted = all.filter((p) => this.partition < 0 || p === this.partition);
    return wanted.map((partition) => new PartitionBuffer(input, partition, decoder));
  }

  #subscribeAgain(): void {
    for (const input of this.#resubscribe.splice(0)) if (!this.isCrashed) input.connect();
  }
}
