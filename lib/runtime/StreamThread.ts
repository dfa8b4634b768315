import type { GroupConsumer, GroupOptions, Isolation } from '../client/KafkaClient.ts';
import { StreamsError } from '../errors.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import type { AppLayout } from './AppLayout.ts';
import { areReadToEnd } from './areReadToEnd.ts';
import { Committer } from './Committer.ts';
import { Fetcher } from './Fetcher.ts';
import { asStreamsError, isTransient } from './failures.ts';
import { OutputChannel } from './OutputChannel.ts';
import { partitionCounts } from './prepareTopics.ts';
import { RecordCollector } from './RecordCollector.ts';
import { RepartitionPurge } from './RepartitionPurge.ts';
import { StartPositions } from './StartPositions.ts';
import { decodeGroupNews, type GroupNews, streamsAssignor } from './streamsAssignor.ts';
import type { TaskEnvironment } from './TaskEnvironment.ts';
import { TaskRestorer } from './TaskRestorer.ts';
import { TaskScheduler } from './TaskScheduler.ts';
import { TaskSet } from './TaskSet.ts';
import type { ThreadOptions } from './ThreadOptions.ts';
import {
  makeProducers,
  type ThreadProducers,
  transactionalIdFor,
  transactionalIdOf,
} from './ThreadProducers.ts';

const retryMs = 100;
const mostRetryMs = 5_000;

/**
 * One member of the group with its tasks: consumer, producers, and what to do when the group or a
 * commit says no.
 */
export class StreamThread {
  readonly tasks: TaskSet;
  readonly scheduler: TaskScheduler;
  /** What the leader told about everybody; null before the first assignment. */
  news: GroupNews | null = null;
  readonly layout: AppLayout;
  /** What its tasks share; global tables share it too. */
  readonly environment: TaskEnvironment;
  readonly #o: ThreadOptions;
  readonly #isolation: Isolation;
  readonly #transactionalId: string | null;
  readonly #consumer: GroupConsumer;
  readonly #collector: RecordCollector;
  readonly #fetcher: Fetcher;
  readonly #positions: StartPositions;
  readonly #purge: RepartitionPurge;
  #isAssigned = false;
  #isEnded = false;
  #isGroupLost = false;
  #failures = 0;
  #reviving: Promise<void> | null = null;

  constructor(o: ThreadOptions, producers: ThreadProducers) {
    this.#o = o;
    const { connection, layout, clock, events } = o;
    this.layout = layout;
    this.#isolation = o.guarantee === 'at-least-once' ? 'read-uncommitted' : 'read-committed';
    this.#transactionalId = transactionalIdOf(o);
    this.#consumer = connection.group(this.#groupOptions());
    this.#collector = this.#makeCollector(producers);
    this.#fetcher = new Fetcher(this.#consumer, this.#isolation, o.buffer);
    this.#positions = new StartPositions({
      connection,
      consumer: this.#consumer,
      startFrom: o.startFrom,
      ownId: this.#transactionalId,
      livingIds: () =>
        (this.news?.processes ?? []).map((p) => transactionalIdFor(o.applicationId, p)),
      isTransactional: this.#transactionalId !== null,
    });
    const restorer = new TaskRestorer({
      connection,
      state: o.state,
      changelogs: o.changelogs,
      isolation: this.#isolation,
      clock,
      warn: (error) => events.report(error),
      restored: (store) => events.restored(store),
    });
    this.environment = this.#environment();
    this.tasks = new TaskSet({
      env: this.environment,
      layout,
      clock,
      fetcher: this.#fetcher,
      restorer,
      position: (task) => this.#positions.find(task),
      changed: () => this.#tasksChanged(),
      crash: (error) => this.#fatal(error),
      warn: (error) => events.report(error),
    });
    this.#purge = new RepartitionPurge(connection.admin, layout, clock);
    this.scheduler = this.#makeScheduler();
  }

  start(): void {
    this.#o.events.rebalancing();
    this.scheduler.start();
  }

  /** Commits what is done and leaves the group. */
  async close(): Promise<void> {
    if (!this.#isEnded) {
      this.scheduler.stopPolling();
      for (const { task } of this.tasks.running) task.isClosing = true;
      await this.#reviving;
      if (this.#isAssigned)
        await this.scheduler.commit().catch((error) => this.#reportUnless(error));
      this.#isEnded = true;
      await this.scheduler.stop();
    }
    await this.tasks.closeAll();
    await this.#consumer.close();
  }

  /** As when the process dies. */
  kill(): void {
    this.#isEnded = true;
    this.scheduler.halt();
    this.tasks.kill();
  }

  get isIdle(): boolean {
    return this.scheduler.isIdle && this.#reviving === null && !this.tasks.isRestoring;
  }

  /** All there was to read is processed and committed. */
  get isCaughtUp(): boolean {
    return this.tasks.running.every(({ task }) => task.isDrained && !task.isDirty);
  }

  /** The logs of this thread's tasks end where they were read to, the brokers say. */
  isReadToEnd(): Promise<boolean> {
    return areReadToEnd(this.#o.connection.admin, this.tasks.running, this.#isolation);
  }

  // ---- making

  #groupOptions(): GroupOptions {
    const { applicationId, layout, instanceId, group, endpoint, process, kept } = this.#o;
    return {
      groupId: applicationId,
      topics: layout.topics,
      isolation: this.#isolation,
      ...(instanceId === undefined ? {} : { instanceId }),
      ...group,
      assignor: streamsAssignor(
        layout,
        () => ({ process, endpoint, kept }),
        (error) => this.#fatal(error),
      ),
      onRejoin: () => this.#onRejoin(),
      onAssigned: (a) => this.#onAssigned(a),
      onLost: () => this.#onLost(),
    };
  }

  #makeCollector(producers: ThreadProducers): RecordCollector {
    const on = {
      failure: (error: unknown) => this.#revive(error),
      settled: () => this.scheduler.wake(),
    };
    const internal = new OutputChannel(producers.internal, this.#transactionalId !== null, on);
    const outputs =
      producers.outputs === producers.internal
        ? internal
        : new OutputChannel(producers.outputs, false, on);
    const { layout, production, maxRecordBytes, metricsOf } = this.#o;
    return new RecordCollector({
      outputs,
      internal,
      counts: layout.counts,
      production,
      maxRecordBytes,
      onDropped: (task, error) => {
        const { dropped } = metricsOf(task);
        dropped.failed = (dropped.failed ?? 0) + 1;
        this.#o.events.report(error);
      },
    });
  }

  #environment(): TaskEnvironment {
    const { layout, factory, clock, undecodable, processing, maxTaskIdleMs, idleAfterMs } = this.#o;
    return {
      layout,
      factory,
      collector: this.#collector,
      clock,
      isolation: this.#isolation,
      undecodable,
      processing,
      maxTaskIdleMs,
      idleAfterMs,
      transactionalId: this.#transactionalId,
      globals: this.#o.globals,
      metricsOf: this.#o.metricsOf,
      report: (error) => this.#o.events.report(error),
      crash: (error) => this.#fatal(error),
      wake: () => this.scheduler.wake(),
    };
  }

  #makeScheduler(): TaskScheduler {
    const { clock, commitIntervalMs, maxUncommittedBytes, autoCommit, changelogs, events } =
      this.#o;
    return new TaskScheduler({
      consumer: this.#consumer,
      fetcher: this.#fetcher,
      tasks: this.tasks,
      collector: this.#collector,
      committer: new Committer({
        collector: this.#collector,
        changelogs,
        clock,
        transactionalId: this.#transactionalId,
      }),
      clock,
      commitIntervalMs,
      maxUncommittedBytes,
      autoCommit,
      turned: () => events.turned(),
      committed: () => {
        this.#failures = 0;
        this.#purge.afterCommit(this.tasks.running);
        events.committed();
      },
      failed: (error) => this.#revive(error),
      pollFailed: (error) => this.#pollFailed(error),
      learn: async (topics) => {
        const counts = await partitionCounts(this.#o.connection.admin, topics);
        const missing = topics.find((topic) => !counts.has(topic));
        if (missing !== undefined) throw unknownSink(missing);
        this.#collector.learn(counts);
      },
    });
  }

  // ---- the group's callbacks: inside poll, while the loop goes on

  async #onRejoin(): Promise<void> {
    if (this.#isEnded) return;
    this.#o.events.rebalancing();
    if (!this.#isAssigned || !this.#o.autoCommit) return;
    await this.#reviving;
    await this.scheduler.commit().catch((error) => this.#reportUnless(error));
  }

  async #onAssigned(a: {
    readonly added: readonly TopicPartition[];
    readonly revoked: readonly TopicPartition[];
    readonly userData: Uint8Array;
  }): Promise<void> {
    if (this.#isEnded) return;
    this.news = decodeGroupNews(a.userData) ?? this.news;
    await this.#reviving;
    this.tasks.disown(a.revoked);
    const leaving = this.tasks.running.filter(({ task }) => !this.tasks.isOwned(task.id));
    for (const { task } of leaving) task.isClosing = true;
    if (leaving.length > 0 && this.#o.autoCommit) {
      await this.scheduler.commit().catch((error) => this.#reportUnless(error));
    }
    this.tasks.own(a.added);
    this.#isGroupLost = false;
    this.#isAssigned = true;
    await this.tasks.settle();
    this.#o.events.assigned();
  }

  async #onLost(): Promise<void> {
    if (this.#isEnded) return;
    this.#o.events.rebalancing();
    this.#isAssigned = false;
    this.tasks.disownAll();
    for (const { task } of this.tasks.running) task.isClosing = true;
    await this.scheduler.settled();
    await this.#reviving;
    await this.tasks.closeAll();
    if (this.#isEnded) return;
    this.scheduler.suspend(generationLost());
    try {
      await this.#newProducers();
      this.scheduler.resume();
    } catch (error) {
      this.#revive(error);
    }
  }

  #tasksChanged(): void {
    if (this.#isEnded) return;
    const isReady =
      this.#isAssigned && !this.#isGroupLost && !this.tasks.isRestoring && this.#reviving === null;
    if (isReady) this.#o.events.running();
    this.scheduler.wake();
  }

  // ---- when something fails

  async #pollFailed(error: StreamsError): Promise<boolean> {
    if (this.#isEnded) return false;
    const { topic, partition } = error.place;
    if (error.code === 'OFFSET_OUT_OF_RANGE' && topic !== undefined && partition !== undefined) {
      this.#o.events.report(error);
      const tp = { topic, partition };
      this.#fetcher.seek(tp, await this.#positions.first(tp));
      return true;
    }
    if (!isTransient(error)) {
      this.#fatal(error);
      return false;
    }
    this.#o.events.report(error);
    await this.#sleep();
    return true;
  }

  /** Closes the tasks, forgets what is not committed, and takes up from what is. */
  #revive(error: unknown): void {
    if (this.#isEnded || this.#reviving !== null) return;
    const failure = asStreamsError(error);
    if (!isTransient(failure)) {
      this.#fatal(failure);
      return;
    }
    this.#o.events.report(failure);
    this.scheduler.suspend(failure);
    if (failure.code === 'GROUP_GENERATION_LOST') {
      // Nothing can be committed before the group has answered: its callbacks bring the tasks back.
      this.#isGroupLost = true;
      this.#consumer.requestRejoin();
    }
    this.#reviving = this.#reviveTasks().then(
      () => {
        this.#reviving = null;
        this.scheduler.resume();
        this.#tasksChanged();
      },
      (again: unknown) => {
        this.#reviving = null;
        this.#revive(again);
      },
    );
  }

  async #reviveTasks(): Promise<void> {
    this.#o.events.rebalancing();
    for (const { task } of this.tasks.running) task.isClosing = true;
    await this.scheduler.settled();
    await this.tasks.closeAll();
    await this.#sleep();
    if (this.#isEnded) return;
    await this.#newProducers();
    if (!this.#isGroupLost) await this.tasks.settle();
  }

  async #newProducers(): Promise<void> {
    const { internal, outputs } = this.#collector;
    const old = [internal.producer, outputs.producer];
    // Told only now: what they did is not to be waited for.
    for (const producer of new Set(old)) void producer.close().catch(() => undefined);
    const made = await makeProducers(this.#o);
    this.#collector.clear();
    internal.reset(made.internal);
    if (outputs !== internal) outputs.reset(made.outputs);
  }

  #fatal(error: StreamsError): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.scheduler.halt();
    this.#o.events.fatal(error);
  }

  #reportUnless(error: unknown): void {
    if (!this.#isEnded && this.#reviving === null) this.#o.events.report(asStreamsError(error));
  }

  #sleep(): Promise<void> {
    const ms = Math.min(mostRetryMs, retryMs * 2 ** this.#failures);
    this.#failures += 1;
    return new Promise((resolve) => {
      this.#o.clock.after(ms, resolve);
    });
  }
}

function generationLost(): StreamsError {
  return new StreamsError('GROUP_GENERATION_LOST', 'The group went on without this member.');
}

function unknownSink(topic: string): StreamsError {
  return new StreamsError(
    'UNKNOWN_TOPIC',
    `The topic '${topic}', chosen for a record, does not exist. Make it first: topics of users are never made here.`,
    { place: { topic } },
  );
}
