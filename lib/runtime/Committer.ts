import type { GroupConsumer, PartitionOffset } from '../client/KafkaClient.ts';
import type { Clock } from '../model/clock.ts';
import type { RecordCollector } from './RecordCollector.ts';
import type { RunningTask } from './RunningTask.ts';
import { TaskCommit } from './TaskCommit.ts';

/**
 * Commits a thread's tasks together. What they have done is set aside at once; then, while they go
 * on: changelog and outputs are acknowledged, offsets are committed, the checkpoint is written, and
 * the rows join the base.
 *
 *     turns   t t t |freeze| t t t t t t t t t
 *     commit         changelog--offsets--checkpoint--publish
 *
 * With transactions the same steps are one transaction; what the tasks write meanwhile waits for
 * the next.
 */
export class Committer {
  readonly #collector: RecordCollector;
  readonly #changelogs: ReadonlyMap<string, string>;
  readonly #clock: Clock;
  readonly #transactionalId: string | null;

  constructor(o: {
    readonly collector: RecordCollector;
    readonly changelogs: ReadonlyMap<string, string>;
    readonly clock: Clock;
    readonly transactionalId: string | null;
  }) {
    this.#collector = o.collector;
    this.#changelogs = o.changelogs;
    this.#clock = o.clock;
    this.#transactionalId = o.transactionalId;
  }

  /**
   * The part before the first await sets aside what is committed. Null: there was nothing. Rejects
   * when the commit failed: then the tasks must be closed and restored.
   */
  commit(tasks: readonly RunningTask[], consumer: GroupConsumer): Promise<void> | null {
    const commits: TaskCommit[] = [];
    for (const running of tasks) {
      if (!running.task.isDirty) continue;
      const commit = TaskCommit.of(running, this.#transactionalId);
      if (commit !== null) commits.push(commit);
    }
    const { internal } = this.#collector;
    if (
      commits.every((commit) => commit.isEmpty) &&
      !(internal.transactional && internal.hasWork)
    ) {
      return null;
    }
    this.#collector.flush();
    return this.#finish(commits, consumer);
  }

  async #finish(commits: readonly TaskCommit[], consumer: GroupConsumer): Promise<void> {
    const { internal, outputs } = this.#collector;
    const now = this.#clock.now();
    const batches = commits.map((commit) => commit.changelog(this.#changelogs, now));
    const flat = batches.flat();
    const sent = flat.length === 0 ? null : internal.send(flat);
    if (internal.transactional) internal.begin();
    internal.seal();
    if (sent !== null)
      distribute(
        commits,
        batches.map((b) => b.length),
        await sent,
      );
    await internal.settled();
    if (outputs !== internal) await outputs.settled();
    const offsets = commits.flatMap((commit) => commit.offsets);
    if (internal.transactional) await this.#endTransaction(offsets, consumer);
    else if (offsets.length > 0) await consumer.commit(offsets);
    for (const commit of commits) await commit.keep(now);
  }

  async #endTransaction(
    offsets: readonly PartitionOffset[],
    consumer: GroupConsumer,
  ): Promise<void> {
    const { internal } = this.#collector;
    if (offsets.length > 0) await internal.producer.sendOffsets(offsets, consumer.groupMetadata());
    await internal.producer.commit();
    internal.unseal();
    this.#collector.flush();
  }
}

function distribute(
  commits: readonly TaskCommit[],
  counts: readonly number[],
  firstOffsets: readonly number[],
): void {
  let at = 0;
  commits.forEach((commit, i) => {
    const count = counts[i] as number;
    commit.appended(firstOffsets.slice(at, at + count));
    at += count;
  });
}
