import { StreamsError } from '../../errors.ts';
import type { Headers } from '../../model/logRecord.ts';
import { type AnyRecord, forwarded, type KRecord, origin, type Plain } from '../../model/record.ts';
import type {
  AnyStore,
  KeyValueStore,
  SessionStore,
  VersionedStore,
  WindowStore,
} from '../../serde/handles.ts';
import type { Serde } from '../../serde/Serde.ts';
import { keyValueState } from '../../state/keyValueState.ts';
import { sessionState } from '../../state/sessionState.ts';
import { versionedValue } from '../../state/versionedState.ts';
import type {
  KeyValueState,
  SessionState,
  VersionedState,
  WindowState,
} from '../../state/views.ts';
import { windowState } from '../../state/windowState.ts';
import type { Kernel, NodeContext, ScheduleOptions } from '../../topology/NodeContext.ts';
import { type StoreSpec, storeSpec } from '../../topology/NodeSpec.ts';
import { clockCause } from './clockCause.ts';
import { refusedPromise } from './refusedPromise.ts';
import { VersionedRows } from './versionedRows.ts';

/** Where the record in hand came from. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** What all processors see of their task. */
export interface TaskView {
  /** As `0_3`; null outside any topology. */
  readonly task: string | null;
  readonly partition: number;
  /** Of the record in hand; null in a punctuation. */
  readonly recordMetadata: RecordMetadata | null;
  /** The highest timestamp of any record the task has taken up; -1 at first. */
  streamTime(): number;
  /** Wall-clock time in ms: take it from here, so that tests can set it. */
  wallClock(): number;
  /**
   * Calls back inside a turn, every `intervalMs` of stream time (first with the first record) or of
   * wall-clock time (first after one interval, or at `anchorMs` + n x interval). Several missed
   * intervals give one call. The answer cancels it.
   */
  schedule(o: ScheduleOptions, punctuate: (timestamp: number) => void): () => void;
  /** A store the processor named in `stores`. */
  store<K, V>(store: KeyValueStore<K, V>): KeyValueState<K, V>;
  store<K, V>(store: WindowStore<K, V>): WindowState<K, V>;
  store<K, V>(store: SessionStore<K, V>): SessionState<K, V>;
  store<K, V>(store: VersionedStore<K, V>): VersionedState<K, V>;
}

/** What a processor can do, for `process`. */
export interface ProcessorContext<K = unknown, V = unknown> extends TaskView {
  /** Hands a record on, now. Timestamp and headers: by default those of the record in hand. */
  forward(record: {
    readonly key: K;
    readonly value: V;
    readonly timestamp?: number;
    readonly headers?: Headers;
  }): void;
}

/** What a processor can do, for `processValues`. */
export interface ValueProcessorContext<V = unknown> extends TaskView {
  /** Hands a record with the key of the one in hand on, now; so not in a punctuation. */
  forward(value: V, o?: { readonly timestamp?: number; readonly headers?: Headers }): void;
}

/** Handles one record after the other; `context` is that of its task. */
export interface Processor<K, V, Context> {
  /** Before the first record: the place to schedule punctuations. */
  init?(context: Context): void;
  process(record: KRecord<K, V, Plain>, context: Context): void;
  /** When the task ends or moves. */
  close?(): void;
}

export interface ProcessOptions {
  /** For messages and metrics. */
  readonly name?: string;
  /** The stores it opens; processors may share one. */
  readonly stores?: readonly AnyStore[];
}

interface ForwardOptions {
  readonly timestamp?: number;
  readonly headers?: Headers;
}

export type AnyProcessor = Processor<unknown, unknown, unknown>;
export type MakeProcessor = (context: unknown) => AnyProcessor;

/** The stores of processors: each may open the same. */
export function processorStores(o: ProcessOptions): readonly StoreSpec[] {
  return (o.stores ?? []).map((handle) =>
    storeSpec(handle, {
      role: handle.store,
      shared: true,
      ...(handle.kind === 'versioned'
        ? { value: versionedValue(handle.value as Serde<unknown>) }
        : {}),
    }),
  );
}

/** A processor at work in a task. */
export function processorKernel(
  node: NodeContext,
  o: ProcessOptions,
  processor: AnyProcessor | MakeProcessor,
  forwarding: (task: ProcessorTask) => object,
): Kernel {
  const task = new ProcessorTask(node, o);
  const context = Object.assign(task, forwarding(task)) as unknown;
  const made = typeof processor === 'function' ? processor(context) : processor;
  made.init?.(context);
  return {
    inputs: [
      (record) => {
        const before = task.current;
        task.current = record;
        try {
          const answer: unknown = made.process(
            record as unknown as KRecord<unknown, unknown, Plain>,
            context,
          );
          if (answer instanceof Promise) throw refusedPromise(node, record, answer);
        } finally {
          task.current = before;
        }
      },
    ],
    onClose: () => made.close?.(),
  };
}

function checkSchedule(node: string, { time, intervalMs, anchorMs }: ScheduleOptions): void {
  const isKind = time === 'stream' || time === 'wall-clock';
  if (isKind && intervalMs > 0 && Number.isFinite(intervalMs + (anchorMs ?? 0))) return;
  throw new StreamsError(
    'INVALID_OPTION',
    `${node}: schedule({ time: '${time}', intervalMs: ${intervalMs} }): time is 'stream' or 'wall-clock', intervalMs a number above 0.`,
  );
}

/** A task as its processor sees it. */
export class ProcessorTask {
  readonly task: string | null;
  readonly partition: number;
  /** The record in hand; in a punctuation one that stands for it. */
  current: AnyRecord | null = null;
  readonly #node: NodeContext;
  readonly #handles: readonly AnyStore[];
  readonly #views = new Map<string, unknown>();

  constructor(node: NodeContext, o: ProcessOptions) {
    this.task = node.task;
    this.partition = node.partition;
    this.#node = node;
    this.#handles = o.stores ?? [];
  }

  get recordMetadata(): RecordMetadata | null {
    const from = this.current?.[origin];
    if (from === undefined || from.offset < 0) return null;
    return { topic: from.topic, partition: from.partition, offset: from.offset };
  }

  streamTime(): number {
    return this.#node.taskTime();
  }

  wallClock(): number {
    return this.#node.wallClock();
  }

  schedule(o: ScheduleOptions, punctuate: (timestamp: number) => void): () => void {
    checkSchedule(this.#node.label, o);
    return this.#node.schedule(o, (timestamp) => {
      const before = this.current;
      this.current = clockCause(this.#node, timestamp);
      try {
        punctuate(timestamp);
      } finally {
        this.current = before;
      }
    });
  }

  store(handle: AnyStore): unknown {
    const known = this.#views.get(handle.store);
    if (known !== undefined) return known;
    if (!this.#handles.some((declared) => declared.store === handle.store)) {
      throw new StreamsError(
        'STORE_UNKNOWN',
        `${this.#node.label} opened no store '${handle.store}': name it in the option stores.`,
      );
    }
    const view = this.#viewOf(handle);
    this.#views.set(handle.store, view);
    return view;
  }

  /** Hands on the record in hand with another key or value. */
  emit(key: unknown, value: unknown, o: ForwardOptions): void {
    const cause = this.#inHand('process() or a punctuation');
    const { timestamp = cause.timestamp, headers = cause.headers } = o;
    this.#node.emit(forwarded(cause, key, value, timestamp, headers));
  }

  /** Hands on the record in hand with another value. */
  emitValue(value: unknown, o: ForwardOptions): void {
    const where = 'process(): it takes the key of the record in hand';
    const cause = this.#inHand(where);
    if (cause[origin].offset < 0) throw this.#outOfHand(where);
    this.emit(cause.key, value, o);
  }

  #inHand(where: string): AnyRecord {
    if (this.current === null) throw this.#outOfHand(where);
    return this.current;
  }

  #outOfHand(where: string): StreamsError {
    return new StreamsError(
      'OUT_OF_TURN',
      `${this.#node.label} forwarded a record while none was in hand: forward inside ${where}.`,
    );
  }

  #viewOf(handle: AnyStore): unknown {
    const role = handle.store;
    switch (handle.kind) {
      case 'key-value':
        return keyValueState(this.#node.store(role));
      case 'window':
        return windowState(this.#node.store(role));
      case 'session':
        return sessionState(this.#node.store(role));
      case 'versioned':
        return this.#versioned(new VersionedRows(this.#node, role, handle.retentionMs ?? 0));
    }
  }

  #versioned(rows: VersionedRows): VersionedState<unknown, unknown> {
    return {
      get: (key) => rows.get(key),
      getAsOf: (key, asOf) => rows.getAsOf(key, asOf),
      put: (key, value, timestamp) =>
        rows.put(key, value, timestamp, this.current?.[origin].lane ?? 0),
    };
  }
}
