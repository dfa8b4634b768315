import type { ErrorPolicy } from '../model/ErrorPolicy.ts';
import type { AnyRecord, Stage } from '../model/record.ts';
import type { Row, RowStore } from '../state/RowStore.ts';
import type { StreamTime } from './StreamTime.ts';
import type { Turn } from './Turn.ts';

/**
 * What a running operator sees of the world: its task's runtime, or in a bare marble test just
 * enough of one. Operators know nothing else, so the same operator file serves planning, running
 * and testing.
 */
export interface NodeContext {
  /** For messages and metrics: `count(orders-per-customer)`. */
  readonly label: string;
  /** The task, as `0_3`; null outside any topology. */
  readonly task: string | null;
  readonly partition: number;
  readonly turn: Turn;

  /** Hands a record to all that follow the first output, now. */
  emit(record: AnyRecord): void;
  /** The same for another output. */
  emitTo(output: number, record: AnyRecord): void;
  /**
   * Writes to the topic of the node's `sink`, by its serdes; the runtime encodes, partitions and
   * collects.
   */
  send(record: AnyRecord): void;

  /** The store this node opened under this role. */
  store<K, V>(role: string): RowStore<K, V>;
  /**
   * The operator's stream time, kept with that store; without a role it lives in memory only. An
   * operator whose inputs have times of their own says which: 0 is the first.
   */
  streamTime(role?: string, input?: number): StreamTime;
  /** The table that comes in by this input, as it is now. */
  table<K, V>(input: number): TableView<K, V>;
  /** What comes in by this input, as the plan knows it; null outside any topology. */
  stageOf(input: number): Stage | null;

  /** Counts a record that is left out, and says why: `null key`, `late`. */
  drop(record: AnyRecord, reason: DropReason): void;

  /** Calls back inside a turn, in stream time or wall-clock time; the answer cancels it. */
  schedule(o: ScheduleOptions, punctuate: (timestamp: number) => void): () => void;
  /** Wall-clock time in ms. */
  wallClock(): number;
  /** The task's stream time: the highest timestamp of any record it took up; -1 at first. */
  taskTime(): number;

  /** Runs `work` in a turn of its own, as soon as one can be had; bounded by whoever calls. */
  inTurn(work: () => void): void;
  /** Work is in flight outside the turn (a promise): no commit before the answer is called. */
  hold(): () => void;
  /**
   * Rings once by the wall clock, in no turn, and also while the task drains; the answer cancels
   * it.
   */
  after(delayMs: number, ring: () => void): () => void;
  /**
   * In a turn: a record failed; done with it what this policy says, or (null) the application's
   * handler.
   */
  fail(record: AnyRecord, error: unknown, policy: ErrorPolicy | null): void;
}

export type DropReason =
  | 'null key'
  | 'null value'
  | 'late'
  | 'negative timestamp'
  | 'undecodable'
  | 'failed';

export interface ScheduleOptions {
  readonly time: 'stream' | 'wall-clock';
  readonly intervalMs: number;
  /** Wall clock: fires at anchor + n x interval. */
  readonly anchorMs?: number;
}

/** A table as those behind it may look into it. Synchronous, and of the same task. */
export interface TableView<K, V> {
  get(key: K): Row<V> | undefined;
  /** The row in force at that time; only of versioned tables. */
  getAsOf?(key: K, asOf: number): Row<V> | undefined;
  /**
   * The time of the latest version, deletions included; only of versioned tables. An older change
   * is out of order.
   */
  latestTime?(key: K): number | undefined;
  /** Somebody behind looks rows up: from now on the table counts as one that keeps them. */
  keep?(): void;
  /**
   * Asks whether changes tell the row before: in Kafka Streams they do where rows are kept, or
   * where somebody behind insists (`must`). Ours always do, but a filter has to know: one that is
   * not told forwards deletions of rows it never let through. Asked as kernels start, in the order
   * of application, which is the order in which Kafka Streams asks. Absent: they do.
   */
  tellsPrevious?(must: boolean): boolean;
}

/** What an operator does: made once for each task, by `start`. */
export interface Kernel {
  /**
   * One for each input, called in the record's turn. What they throw goes to the error handler, and
   * what the record had changed is undone.
   */
  readonly inputs: readonly ((record: AnyRecord) => void)[];
  /** Tables: how those behind look into it. */
  readonly view?: TableView<never, unknown>;
  /**
   * Stream time moved on without a record (progress of an upstream task, an idle input): close what
   * is due.
   */
  readonly onTime?: () => void;
  /**
   * The stream time at which the last of what is held back is due; -1: nothing is. An idle input
   * counts as finished by moving stream time there.
   */
  readonly latestDue?: () => number;
  /** In a turn, just before the task commits: emit what was held back until then. */
  readonly beforeCommit?: () => void;
  readonly onClose?: () => void;
}

export type StartKernel = (node: NodeContext) => Kernel;
