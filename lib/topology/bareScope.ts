import type { Observable, Subscriber } from 'rxjs';
import { StreamsError, TopologyError } from '../errors.ts';
import { systemClock } from '../model/clock.ts';
import type { ErrorPolicy } from '../model/ErrorPolicy.ts';
import { type AnyRecord, origin } from '../model/record.ts';
import { Observable as RxObservable } from '../rx.ts';
import { createRowStore } from '../state/createRowStore.ts';
import type { ManagedStore, Row } from '../state/RowStore.ts';
import type { Kernel, NodeContext, StartKernel, TableView } from './NodeContext.ts';
import { type NodeSpec, rowStoreOptions, unknownLineage } from './NodeSpec.ts';
import { Punctuations } from './Punctuations.ts';
import { oneLane, StreamTime } from './StreamTime.ts';
import type { Scope } from './scope.ts';
import { Turn } from './Turn.ts';

/**
 * Outside any topology: each operator is an ordinary cold RxJS operator, with state in memory for
 * each subscription. That is what makes every operator run in an ordinary marble test.
 */
export const bareScope: Scope = {
  kind: 'bare',
  source(spec) {
    throw new TopologyError(
      'NO_BUILD_SCOPE',
      `stream or table of ${spec.topics.join(', ')} outside a topology: call it inside ` +
        'topology(() => { ... }), or read the topic with partition() or topicStream().',
    );
  },
  node(spec, inputs, start) {
    // The end of a pipeline has no output, but whoever subscribes to it sets it going.
    const outputs = spec.produces.length === 0 ? [null] : spec.produces;
    return outputs.map((_, output) => bareOutput(spec, inputs, start, output));
  },
  eventTime() {
    throw new TopologyError(
      'NO_BUILD_SCOPE',
      'streamTime() outside a topology, where no stream has a time: call it inside topology(() ' +
        '=> { ... }), or hand RxJS one of its own schedulers.',
    );
  },
};

function bareOutput(
  spec: NodeSpec,
  inputs: readonly Observable<unknown>[],
  start: StartKernel,
  output: number,
): Observable<AnyRecord> {
  return new RxObservable<AnyRecord>((subscriber) => {
    const node = new BareNode(spec, inputs.length, subscriber, output);
    const kernel = start(node);
    subscriber.add(() => {
      kernel.onClose?.();
      node.close();
    });
    let open = inputs.length;
    inputs.forEach((input, i) => {
      subscriber.add(
        input.subscribe({
          next: (record) => node.take(kernel, i, record as AnyRecord),
          error: (error) => subscriber.error(error),
          complete: () => {
            open -= 1;
            if (open > 0) return;
            node.whenIdle(() => {
              // The nearest there is to a commit.
              node.inTurn(() => kernel.beforeCommit?.());
              subscriber.complete();
            });
          },
        }),
      );
    });
  });
}

const settleEvery = 1024;

class BareNode implements NodeContext {
  readonly label: string;
  readonly task = null;
  readonly partition = 0;
  readonly turn: Turn = new Turn();
  readonly #spec: NodeSpec;
  readonly #subscriber: Subscriber<AnyRecord>;
  readonly #output: number;
  readonly #stores = new Map<string, ManagedStore<unknown, unknown>>();
  /** What came in by each input, for kernels that look into a table. */
  readonly #tables: Map<unknown, Row<unknown>>[];
  readonly #timers = new Set<() => void>();
  readonly #punctuations: Punctuations = new Punctuations();
  #taskTime = -1;
  #turns = 0;
  #holds = 0;
  #onIdle: () => void = () => {};

  constructor(spec: NodeSpec, inputs: number, subscriber: Subscriber<AnyRecord>, output: number) {
    this.label = spec.name === null ? spec.kind : `${spec.kind}(${spec.name})`;
    this.#spec = spec;
    this.#subscriber = subscriber;
    this.#output = output;
    this.#tables = Array.from({ length: inputs }, () => new Map());
    const lineages = Array.from({ length: inputs }, () => unknownLineage);
    for (const store of spec.stores?.(lineages) ?? []) {
      this.#stores.set(store.role, createRowStore(rowStoreOptions(store, false)));
    }
  }

  /** One record, in a turn of its own unless it comes within another's. */
  take(kernel: Kernel, input: number, record: AnyRecord): void {
    if (record[origin] !== undefined && record[origin].task !== null) {
      this.#subscriber.error(
        new StreamsError(
          'NO_BUILD_SCOPE',
          `${this.label} was applied while a task was already running, so it belongs to no task ` +
            `and its state would be lost. Apply it in the topology's factory, not inside ` +
            'switchMap, mergeMap or defer.',
          {
            place: {
              task: record[origin].task,
              topic: record[origin].topic,
              partition: record[origin].partition,
              offset: record[origin].offset,
            },
          },
        ),
      );
      return;
    }
    this.#inTurn(() => {
      this.#taskTime = Math.max(this.#taskTime, record.timestamp);
      if (record.key !== null && record.key !== undefined) this.#look(input, record);
      kernel.inputs[input]?.(record);
      if (this.#punctuations.due <= this.#taskTime) this.#punctuations.run(this.#taskTime);
    });
  }

  emit(record: AnyRecord): void {
    this.emitTo(0, record);
  }

  emitTo(output: number, record: AnyRecord): void {
    if (output === this.#output) this.#subscriber.next(record);
  }

  /** Nothing to write to: a bare sink swallows. */
  send(): void {}

  store<K, V>(role: string): ManagedStore<K, V> {
    const store = this.#stores.get(role);
    if (store === undefined)
      throw new StreamsError('STORE_UNKNOWN', `${this.label} opened no ${role}`);
    return store as unknown as ManagedStore<K, V>;
  }

  streamTime(): StreamTime {
    return new StreamTime(oneLane, this.turn, null);
  }

  table<K, V>(input: number): TableView<K, V> {
    const rows = this.#tables[input] as Map<unknown, Row<unknown>>;
    return { get: (key) => rows.get(keyIdentity(key)) as Row<V> | undefined };
  }

  stageOf(): null {
    return null;
  }

  drop(): void {}

  schedule(
    o: { time: 'stream' | 'wall-clock'; intervalMs: number },
    punctuate: (timestamp: number) => void,
  ): () => void {
    if (o.time === 'stream') return this.#punctuations.add(0, o.intervalMs, punctuate);
    let cancel = (): void => {};
    let isOn = true;
    const arm = (): void => {
      cancel = this.after(o.intervalMs, () => {
        this.#inTurn(() => punctuate(systemClock.now()));
        if (isOn) arm();
      });
    };
    arm();
    const stop = (): void => {
      isOn = false;
      cancel();
    };
    this.#timers.add(stop);
    return stop;
  }

  wallClock(): number {
    return systemClock.now();
  }

  taskTime(): number {
    return this.#taskTime;
  }

  inTurn(work: () => void): void {
    this.#inTurn(work);
  }

  hold(): () => void {
    this.#holds += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holds -= 1;
      if (this.#holds === 0) this.#onIdle();
    };
  }

  /** Once nothing is in flight. */
  whenIdle(work: () => void): void {
    this.#onIdle = work;
    if (this.#holds === 0) work();
  }

  after(delayMs: number, ring: () => void): () => void {
    const cancel = systemClock.after(delayMs, () => {
      this.#timers.delete(cancel);
      ring();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  fail(_record: AnyRecord, error: unknown, policy: ErrorPolicy | null): void {
    if (policy === null || policy.policy === 'fail') throw error;
  }

  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #inTurn(work: () => void): void {
    if (this.turn.state === 1) {
      work();
      return;
    }
    this.turn.begin();
    for (const store of this.#stores.values()) store.beginTurn();
    try {
      work();
    } catch (error) {
      this.#subscriber.error(error);
    } finally {
      this.turn.end();
    }
    this.#turns += 1;
    if (this.#turns % settleEvery === 0) this.#settle();
  }

  /** Nothing is ever committed here; but rows that are gone are only let go of by a commit. */
  #settle(): void {
    for (const store of this.#stores.values()) {
      store.freeze();
      store.publish();
    }
  }

  #look(input: number, record: AnyRecord): void {
    const rows = this.#tables[input] as Map<unknown, Row<unknown>>;
    const spec = this.#spec.accepts[input];
    if (spec?.includes('table') !== true && spec?.includes('global table') !== true) return;
    if (record.value === null) rows.delete(keyIdentity(record.key));
    else rows.set(keyIdentity(record.key), { value: record.value, timestamp: record.timestamp });
  }
}

function keyIdentity(key: unknown): unknown {
  return typeof key === 'object' && key !== null ? JSON.stringify(key) : key;
}
