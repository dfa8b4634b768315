import type { StreamsError } from '../errors.ts';
import type { Clock } from '../model/clock.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import type { TaskStorage } from '../state/StateStorage.ts';
import type { AppLayout, SubTopologyLayout } from './AppLayout.ts';
import type { Fetcher } from './Fetcher.ts';
import { asStreamsError, isTransient } from './failures.ts';
import type { RunningTask } from './RunningTask.ts';
import { StreamTask } from './StreamTask.ts';
import { tasksOf } from './streamsAssignor.ts';
import type { TaskEnvironment } from './TaskEnvironment.ts';
import type { TaskRestorer, Wanted } from './TaskRestorer.ts';

/** A task from the moment it is wanted. */
interface Entry extends Wanted {
  isWanted: boolean;
  running: RunningTask | null;
  /** Settles when it runs, or when it has stopped trying. */
  readonly ready: Promise<void>;
}

export interface TaskSetOptions {
  readonly env: TaskEnvironment;
  readonly layout: AppLayout;
  readonly clock: Clock;
  readonly fetcher: Fetcher;
  readonly restorer: TaskRestorer;
  /** Finds where each of the task's partitions begins; fences who left a transaction open. */
  readonly position: (task: StreamTask) => Promise<void>;
  readonly changed: () => void;
  readonly crash: (error: StreamsError) => void;
  readonly warn: (error: StreamsError) => void;
}

const retryMs = 200;
const mostRetryMs = 5_000;

/** The tasks this thread has: made for the partitions it owns, restored, run, closed. */
export class TaskSet {
  /** Those that run, in order of their ids. */
  running: readonly RunningTask[] = [];
  readonly #o: TaskSetOptions;
  readonly #all: ReturnType<typeof tasksOf>;
  readonly #entries = new Map<string, Entry>();
  readonly #owned = new Map<string, TopicPartition>();
  /** A storage has one holder: the next waits for the last one's goodbye. */
  readonly #closing = new Map<string, Promise<void>>();

  constructor(o: TaskSetOptions) {
    this.#o = o;
    this.#all = tasksOf(o.layout);
  }

  /** Some task is not restored yet. */
  get isRestoring(): boolean {
    for (const { running } of this.#entries.values()) if (running === null) return true;
    return false;
  }

  /** Tasks that run here or are on their way. */
  get ids(): readonly string[] {
    return [...this.#entries.keys()];
  }

  own(added: readonly TopicPartition[]): void {
    for (const tp of added) this.#owned.set(partitionKey(tp), tp);
  }

  disown(revoked: readonly TopicPartition[]): void {
    for (const tp of revoked) this.#owned.delete(partitionKey(tp));
  }

  disownAll(): void {
    this.#owned.clear();
  }

  /**
   * Closes what is not owned any more, makes what is missing; restoring goes on in the background.
   */
  async settle(): Promise<void> {
    const gone = [...this.#entries.keys()].filter((id) => !this.isOwned(id));
    await Promise.all(gone.map((id) => this.close(id)));
    for (const id of this.#all.keys()) {
      if (this.isOwned(id) && !this.#entries.has(id)) this.#make(id);
    }
    this.#o.changed();
  }

  /** As when the process dies: nobody waits for anything. */
  kill(): void {
    for (const entry of this.#entries.values()) {
      entry.isWanted = false;
      entry.running?.task.pipeline.close();
    }
    this.#entries.clear();
    this.running = [];
    this.#o.restorer.kill();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((id) => this.close(id)));
  }

  async close(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    entry.isWanted = false;
    this.running = this.running.filter(({ task }) => task.id !== id);
    const { running } = entry;
    if (running !== null) this.#o.fetcher.detach(running.task.group.buffers);
    const closed = entry.ready.then(async () => {
      if (running === null) return;
      running.task.pipeline.close();
      await this.#o.restorer.close(running.storage);
    });
    this.#closing.set(id, closed);
    await closed;
    this.#closing.delete(id);
  }

  isOwned(id: string): boolean {
    const partitions = this.#all.get(id)?.partitions ?? [];
    return partitions.every((tp) => this.#owned.has(partitionKey(tp)));
  }

  #make(id: string): void {
    const entry: { -readonly [P in keyof Entry]: Entry[P] } = {
      isWanted: true,
      running: null,
      ready: Promise.resolve(),
    };
    this.#entries.set(id, entry);
    entry.ready = this.#bringUp(id, entry);
  }

  async #bringUp(id: string, entry: Entry): Promise<void> {
    await this.#closing.get(id);
    for (let attempt = 0; entry.isWanted; attempt++) {
      try {
        entry.running = await this.#restored(id, entry);
        break;
      } catch (error) {
        const failure = asStreamsError(error);
        if (!entry.isWanted) return;
        if (!isTransient(failure)) {
          this.#o.crash(failure);
          return;
        }
        this.#o.warn(failure);
        await this.#sleep(Math.min(mostRetryMs, retryMs * 2 ** attempt));
      }
    }
    const { running } = entry;
    if (running === null) return;
    if (!entry.isWanted) {
      running.task.pipeline.close();
      await this.#o.restorer.close(running.storage);
      return;
    }
    this.running = [...this.running, running].sort((a, b) => order(a.task, b.task));
    this.#o.fetcher.attach(running.task.group.buffers);
    this.#o.changed();
  }

  async #restored(id: string, entry: Entry): Promise<RunningTask | null> {
    const { env, layout, restorer } = this.#o;
    const [sub, partition] = id.split('_').map(Number) as [number, number];
    const task = new StreamTask(env, layout.subTopologies[sub] as SubTopologyLayout, partition);
    await this.#o.position(task);
    const storage: TaskStorage = await restorer.restore(task, entry);
    try {
      if (entry.isWanted) {
        task.start();
        await restorer.replaySources(task, storage, entry);
      }
    } catch (error) {
      task.pipeline.close();
      await restorer.close(storage);
      throw error;
    }
    if (!entry.isWanted) {
      await restorer.close(storage);
      return null;
    }
    task.connect();
    return { task, storage };
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#o.clock.after(ms, resolve);
    });
  }
}

function order(a: StreamTask, b: StreamTask): number {
  return a.layout.id - b.layout.id || a.partition - b.partition;
}
