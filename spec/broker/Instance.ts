import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { KafkaStreamsOptions } from '../../lib/runtime/KafkaStreams.ts';
import type { RestoredStore } from '../../lib/runtime/TaskRestorer.ts';

export interface Settings {
  readonly brokers: string;
  /** Folder of the checkpoints; none: no checkpoints. */
  readonly state?: string;
  readonly app: Omit<KafkaStreamsOptions, 'client' | 'state'>;
  readonly [more: string]: unknown;
}

interface Metrics {
  readonly processed: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly commits: number;
}

interface Message {
  readonly log?: string;
  readonly state?: string;
  readonly tasks?: readonly string[];
  readonly restored?: RestoredStore;
  readonly metrics?: Metrics;
  readonly rows?: readonly Row[];
}

export interface Row {
  readonly key: string;
  readonly value: number;
}

const living = new Set<Instance>();

/** An instance of a program of `programs/`, in a process of its own. */
export class Instance {
  readonly log: string[] = [];
  readonly restored: RestoredStore[] = [];
  readonly ended: Promise<number | null>;
  state = 'created';
  /** The tasks that ran here when it last told its state. */
  owned: readonly string[] = [];
  processed = 0;
  /** The most records that were processed between two commits. */
  largestCommit = 0;
  dropped: Readonly<Record<string, number>> = {};
  readonly #child: ChildProcess;
  #rows: ((rows: readonly Row[]) => void) | null = null;
  #watch: (() => void) | null = null;

  constructor(program: string, settings: Settings) {
    const file = path.join(__dirname, 'programs', `${program}.mjs`);
    this.#child = fork(file, [JSON.stringify(settings)], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    living.add(this);
    this.#child.on('message', (message: Message) => this.#hear(message));
    this.ended = new Promise((resolve) => {
      this.#child.on('exit', (code) => {
        living.delete(this);
        this.state = 'ended';
        resolve(code);
      });
    });
  }

  get replayed(): number {
    return this.restored.reduce((sum, { changelogRecords }) => sum + changelogRecords, 0);
  }

  /** As a machine that loses its power. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** Kills it when it has committed so much, or so long after. */
  async killAt(processed: number, afterMs = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#watch = () => {
        if (this.processed >= processed) resolve();
      };
      this.#watch();
      void this.ended.then(() => reject(new Error(`It ended:\n${this.log.join('\n')}`)));
    });
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await this.kill();
  }

  /** Asks it to stop; answers its exit code. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.ended;
  }

  rows(store: string): Promise<readonly Row[]> {
    return new Promise((resolve) => {
      this.#rows = resolve;
      this.#child.send({ ask: store });
    });
  }

  #hear({ log, state, tasks, restored, metrics, rows }: Message): void {
    if (log !== undefined) this.log.push(log);
    if (state !== undefined) this.state = state;
    if (state === 'running') this.owned = tasks ?? [];
    if (restored !== undefined) this.restored.push(restored);
    if (rows !== undefined) this.#rows?.(rows);
    if (metrics === undefined) return;
    this.largestCommit = Math.max(this.largestCommit, metrics.processed - this.processed);
    this.processed = metrics.processed;
    this.dropped = metrics.dropped;
    this.#watch?.();
  }
}

/** Whatever a failed test has left. */
export async function killAll(): Promise<void> {
  await Promise.all([...living].map((instance) => instance.kill()));
}
