import type { GroupConsumer } from '../client/KafkaClient.ts';
import type { StreamsError } from '../errors.ts';
import type { Clock } from '../model/clock.ts';
import type { Committer } from './Committer.ts';
import type { Fetcher } from './Fetcher.ts';
import { asStreamsError } from './failures.ts';
import type { RecordCollector } from './RecordCollector.ts';
import { Signal } from './Signal.ts';
import type { TaskSet } from './TaskSet.ts';

export interface SchedulerOptions {
  readonly consumer: GroupConsumer;
  readonly fetcher: Fetcher;
  readonly tasks: TaskSet;
  readonly collector: RecordCollector;
  readonly committer: Committer;
  readonly clock: Clock;
  readonly commitIntervalMs: number;
  readonly maxUncommittedBytes: number;
  /** `every record`: what a commit shows is seen record by record. */
  readonly autoCommit: boolean | 'every record';
  /** Turns were had: whoever watches a store may look. */
  readonly turned: () => void;
  /** A commit is durable. */
  readonly committed: () => void;
  /** A commit or a send failed: the tasks must go back to what is committed. */
  readonly failed: (error: unknown) => void;
  /** A poll failed. Answers whether polling may go on. */
  readonly pollFailed: (error: StreamsError) => Promise<boolean>;
  /** Asks for the partition counts of topics chosen record by record. */
  readonly learn: (topics: readonly string[]) => Promise<void>;
}

const sliceTurns = 256;
const sliceMs = 5;
const longPollMs = 10_000;
const mostProbeMs = 100;
/** Polls that brought records while a task waited to hear of an input's end. */
const mostUnheard = 2;
/** Drained inputs are committed at once, but not more often than so many times an interval. */
const drainedCommits = 10;

/**
 * The loop of one thread: a slice for each task, then a breath for everything else. With nothing to
 * do it waits for the poll, a timer, or a call to `wake`.
 */
export class TaskScheduler {
  readonly #o: SchedulerOptions;
  readonly #signal: Signal = new Signal();
  #isStopping = false;
  #isSuspended = false;
  #hasNoPoll = false;
  #commitRequests: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] =
    [];
  #committing: Promise<void> | null = null;
  #lastCommitMs: number;
  #isLearning = false;
  #probeMs = 0;
  #unheard = 0;
  #isParked = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(o: SchedulerOptions) {
    this.#o = o;
    this.#lastCommitMs = o.clock.now();
  }

  start(): void {
    this.#ended = this.#loop().catch((error: unknown) => this.#o.failed(error));
  }

  wake(): void {
    this.#signal.raise();
  }

  /** Nothing can be done before something comes in or time moves on. */
  get isIdle(): boolean {
    return this.#isParked && this.#committing === null && this.#commitRequests.length === 0;
  }

  /** Commits all there is; resolves when it is durable. */
  commit(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#commitRequests.push({ resolve, reject });
      this.wake();
    });
  }

  /** What is under way, if anything, has come to its end, whichever. */
  async settled(): Promise<void> {
    await this.#committing?.catch(() => undefined);
  }

  /** Takes no more records in. */
  stopPolling(): void {
    this.#hasNoPoll = true;
    this.#o.fetcher.wakeup();
  }

  async stop(): Promise<void> {
    this.halt();
    await this.#ended;
  }

  /** Stops without waiting. */
  halt(): void {
    this.#isStopping = true;
    this.#hasNoPoll = true;
    for (const { resolve } of this.#commitRequests.splice(0)) resolve();
    this.#o.fetcher.wakeup();
    this.wake();
  }

  /**
   * The tasks are to be restored: what was asked to be committed is gone, and nothing is before
   * `resume`.
   */
  suspend(error: unknown): void {
    this.#isSuspended = true;
    for (const { reject } of this.#commitRequests.splice(0)) reject(error);
  }

  resume(): void {
    this.#isSuspended = false;
    this.wake();
  }

  async #loop(): Promise<void> {
    const { clock, collector, turned } = this.#o;
    while (!this.#isStopping) {
      this.#pollInBackground();
      const turns = this.#slices();
      if (turns > 0) {
        collector.flush();
        turned();
        if (this.#o.fetcher.hasRoom) this.#o.fetcher.wakeup();
      }
      this.#learnTopics();
      this.#commitIfDue(turns === 0);
      if (turns > 0) await clock.breathe();
      else if (!this.#quiet()) await this.#park();
    }
  }

  #slices(): number {
    const { tasks, clock, collector, maxUncommittedBytes } = this.#o;
    if (this.#isStepwise) return this.#step();
    // What is not acknowledged yet waits in memory: brokers set the pace.
    if (collector.bytes > maxUncommittedBytes) return 0;
    if (this.#committing !== null && this.#uncommittedBytes() > maxUncommittedBytes) return 0;
    let turns = 0;
    for (const { task } of tasks.running) {
      const until = clock.now() + sliceMs;
      for (;;) {
        const taken = task.slice(sliceTurns);
        turns += taken;
        if (taken < sliceTurns || this.#isStopping || clock.now() >= until) break;
      }
      if (this.#isStopping) break;
    }
    return turns;
  }

  get #isStepwise(): boolean {
    return this.#o.autoCommit === 'every record';
  }

  /** One turn, and none before it is committed. */
  #step(): number {
    if (this.#committing !== null) return 0;
    for (const { task } of this.#o.tasks.running) {
      const turns = task.slice(1);
      if (turns > 0) return turns;
    }
    return 0;
  }

  /**
   * Nothing comes in: says so to those behind, and closes what waited too long. True: that made
   * work.
   */
  #quiet(): boolean {
    const { tasks, collector } = this.#o;
    let hasWork = false;
    for (const { task } of tasks.running) {
      if (task.isCrashed) continue;
      task.finishWhenIdle();
      if (task.isDrained) task.sayProgress();
      hasWork ||= task.hasWork && !this.#isFull;
    }
    // Also dead letters: a record that cannot be decoded has no turn.
    collector.flush();
    return hasWork;
  }

  get #isFull(): boolean {
    const { collector, maxUncommittedBytes } = this.#o;
    if (collector.bytes > maxUncommittedBytes) return true;
    if (this.#isStepwise && this.#committing !== null) return true;
    return this.#committing !== null && this.#uncommittedBytes() > maxUncommittedBytes;
  }

  async #park(): Promise<void> {
    const { clock } = this.#o;
    if (this.#isStopping) return;
    // A poll that is under way with a long wait does not bring what a task waits to hear.
    if (this.#o.fetcher.isPolling && this.#isBlind()) this.#o.fetcher.wakeup();
    const due = this.#dueMs();
    const cancel =
      due === Number.POSITIVE_INFINITY
        ? null
        : clock.after(Math.max(0, due - clock.now()), () => this.wake());
    this.#isParked = true;
    await this.#signal.wait();
    this.#isParked = false;
    cancel?.();
  }

  #dueMs(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const { task } of this.#o.tasks.running) due = Math.min(due, task.dueMs);
    // A commit that waits for async work is looked at again when that ends.
    const waits = this.#o.tasks.running.some(({ task }) => task.isDraining);
    if (!waits && this.#canCommit() && this.#isDirty()) {
      due = Math.min(due, this.#commitDueMs(true));
    }
    return due;
  }

  // ---- polling

  #isPollLong = false;

  #isBlind(): boolean {
    return this.#isPollLong && this.#o.fetcher.needsProbe;
  }

  #pollInBackground(): void {
    const { fetcher, tasks } = this.#o;
    if (fetcher.isPolling || this.#hasNoPoll) return;
    const hasWork = tasks.running.some(({ task }) => task.hasWork);
    const needsProbe = fetcher.needsProbe;
    const waitMs = hasWork ? 0 : needsProbe ? this.#probeMs : longPollMs;
    const isProbe = needsProbe && this.#unheard >= mostUnheard;
    this.#isPollLong = waitMs > 0 && !needsProbe;
    fetcher.poll(waitMs, isProbe).then(
      (records) => {
        this.#probeMs =
          records > 0 || !needsProbe ? 0 : Math.min(mostProbeMs, this.#probeMs * 2 + 1);
        this.#unheard = needsProbe && records > 0 ? this.#unheard + 1 : 0;
        this.wake();
      },
      (error: unknown) => this.#pollFailed(error),
    );
  }

  #pollFailed(error: unknown): void {
    this.#hasNoPoll = true;
    if (this.#isStopping) return;
    void this.#o.pollFailed(asStreamsError(error)).then((goesOn) => {
      if (!goesOn || this.#isStopping) return;
      this.#hasNoPoll = false;
      this.wake();
    });
  }

  // ---- committing

  #uncommittedBytes(): number {
    let bytes = this.#o.collector.bytes;
    for (const { task } of this.#o.tasks.running) {
      for (const store of task.stores.values()) bytes += store.dirtyBytes;
    }
    return bytes;
  }

  #isDirty(): boolean {
    const { internal } = this.#o.collector;
    if (internal.transactional && internal.hasWork) return true;
    return this.#o.tasks.running.some(({ task }) => task.isDirty);
  }

  #canCommit(): boolean {
    if (this.#o.autoCommit === false || this.#isSuspended || this.#isLearning) return false;
    return this.#committing === null && !this.#o.consumer.isRejoining;
  }

  #commitDueMs(isDrained: boolean): number {
    const { commitIntervalMs } = this.#o;
    const wait = isDrained ? commitIntervalMs / drainedCommits : commitIntervalMs;
    return this.#lastCommitMs + wait;
  }

  #commitIfDue(isDrained: boolean): void {
    if (this.#committing !== null || this.#isStopping || this.#isSuspended) return;
    if (this.#commitRequests.length === 0) {
      if (!this.#canCommit() || !this.#isDirty()) return;
      const isDue = this.#isStepwise || this.#o.clock.now() >= this.#commitDueMs(isDrained);
      if (!isDue && this.#uncommittedBytes() < this.#o.maxUncommittedBytes) return;
    }
    if (this.#drain() && !this.#isLearning) this.#commitNow();
  }

  /** Async work in flight belongs to records that are about to be committed: it ends first. */
  #drain(): boolean {
    let isThrough = this.#o.collector.unknownTopics().length === 0;
    for (const { task } of this.#o.tasks.running) {
      task.isDraining = task.isHeld && !task.isCrashed;
      if (task.isHeld && !task.isCrashed) isThrough = false;
    }
    return isThrough;
  }

  #commitNow(): void {
    const { committer, tasks, consumer, clock } = this.#o;
    const requests = this.#commitRequests.splice(0);
    // Commits of each turn would have tasks that write to one another say so for ever: they do when
    // it is quiet.
    if (!this.#isStepwise) {
      for (const { task } of tasks.running) if (!task.isCrashed) task.sayProgress();
    }
    this.#lastCommitMs = clock.now();
    const commit = committer.commit(
      tasks.running.filter(({ task }) => !task.isCrashed),
      consumer,
    );
    if (commit === null) {
      for (const { resolve } of requests) resolve();
      return;
    }
    this.#committing = commit.then(
      () => {
        this.#committing = null;
        for (const { resolve } of requests) resolve();
        this.#o.committed();
        this.wake();
      },
      (error: unknown) => {
        this.#committing = null;
        for (const { reject } of requests) reject(error);
        this.#o.failed(error);
        this.wake();
      },
    );
  }

  #learnTopics(): void {
    if (this.#isLearning) return;
    const topics = this.#o.collector.unknownTopics();
    if (topics.length === 0) return;
    this.#isLearning = true;
    this.#o.learn(topics).then(
      () => {
        this.#isLearning = false;
        this.#o.collector.flush();
        this.wake();
      },
      (error: unknown) => {
        this.#isLearning = false;
        this.#o.failed(error);
      },
    );
  }
}
