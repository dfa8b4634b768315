import type { Observable } from 'rxjs';
import { StreamsError, TopologyError } from '../../errors.ts';
import type { Stage } from '../../model/record.ts';
import { leastRetentionMs, type Windows } from '../../model/windows/TimeWindows.ts';
import { Observable as RxObservable } from '../../rx.ts';
import type { AnyStore } from '../../serde/handles.ts';
import { json } from '../../serde/json.ts';
import type { Serde } from '../../serde/Serde.ts';
import { windowed } from '../../serde/windowed.ts';
import type { Kernel, NodeContext } from '../../topology/NodeContext.ts';
import { type Lineage, type StoreSpec, storeSpec } from '../../topology/NodeSpec.ts';
import { currentScope } from '../../topology/scope.ts';
import { emissionOf } from './emission.ts';
import { fixedWindowKernel } from './fixedWindowKernel.ts';
import { type Grouping, groupingOf } from './grouping.ts';
import { keyValueKernel } from './keyValueKernel.ts';
import { lastingStores } from './LastingRows.ts';
import { partitioned, statefulNode } from './operator.ts';
import { sessionKernel } from './sessionKernel.ts';
import { slidingWindowKernel } from './slidingWindowKernel.ts';
import { tableKernel } from './tableKernel.ts';

/**
 * How records change a row. Null is no row: before the first record, and where a function deletes.
 */
export interface Fold {
  /** A row before its first record. */
  readonly initial: () => unknown;
  readonly add: (key: unknown, value: unknown, aggregate: unknown) => unknown;
  /** Takes a row of a grouped table out again. */
  readonly subtract: ((key: unknown, value: unknown, aggregate: unknown) => unknown) | null;
  /** Makes one session of two. */
  readonly merge: ((key: unknown, a: unknown, b: unknown) => unknown) | null;
}

/** What comes in by one input of an aggregation. */
export interface AggregationInput {
  readonly add: Fold['add'];
  /** Where its late records go; -1: they are dropped. */
  readonly lateOutput: number;
}

/** What a kernel of an aggregation works with. */
export interface AggregationParts {
  readonly node: NodeContext;
  readonly fold: Fold;
  readonly inputs: readonly AggregationInput[];
  readonly emission: ReturnType<typeof emissionOf>;
  readonly retentionMs: number;
  readonly emitIntervalMs: number;
  /** Of key-value stores. */
  readonly ttlMs: number | undefined;
}

export interface AggregationOptions {
  readonly kind: string;
  readonly store: AnyStore;
  readonly fold: Fold;
  /** The fold never looks at a value. */
  readonly ignoresValues?: boolean;
  /** Further grouped streams that change the same rows. */
  readonly others?: readonly { readonly source: Observable<unknown>; readonly add: Fold['add'] }[];
}

/**
 * One node for all that was said since the grouping: it groups, windows, counts what is late, and
 * aggregates.
 */
export function aggregation<T>(source: Observable<unknown>, o: AggregationOptions): Observable<T> {
  const first = groupingOf(o.kind, source);
  const others = (o.others ?? []).map((other) => groupingOf(o.kind, other.source));
  const groupings = [first, ...others];
  const adds = [o.fold.add, ...(o.others ?? []).map((other) => other.add)];
  checkFits(o, first);
  for (const other of others) checkSame(o, first, other);
  let outputs = 1;
  const inputs = groupings.map(({ late }, i) => ({
    add: adds[i] as Fold['add'],
    lateOutput: late === null ? -1 : outputs++,
  }));
  const stages: readonly Stage[] = first.table ? ['grouped table', 'partitioned'] : partitioned;
  const results = statefulNode<T>(
    {
      kind: o.kind,
      describedAs: first.table ? 'KTABLE-AGGREGATE' : 'KSTREAM-AGGREGATE',
      name: o.store.store,
      accepts: groupings.map(() => stages),
      produces: ['table', ...Array.from({ length: outputs - 1 }, () => 'partitioned' as const)],
      copartitioned: groupings.length > 1,
      ignoresValues: o.ignoresValues === true && !first.table && outputs === 1,
      stores: () => storesOf(o.store, first),
      lineage: () => lineageOf(o.store),
    },
    groupings.map((grouping) => grouping.source),
    (node) => kernelOf(node, o, first, inputs),
  );
  return withLate(results, groupings, inputs);
}

function kernelOf(
  node: NodeContext,
  o: AggregationOptions,
  { windows, table, emit, emitIntervalMs }: Grouping,
  inputs: readonly AggregationInput[],
): Kernel {
  const emission = emissionOf(node, emit);
  const retentionMs = windows === null ? 0 : retentionOf(o.store, windows);
  const { ttlMs } = o.store;
  const common = { node, fold: o.fold, inputs, emission };
  const parts: AggregationParts = { ...common, retentionMs, emitIntervalMs, ttlMs };
  if (windows === null) return table ? tableKernel(parts) : keyValueKernel(parts);
  if (windows.type === 'session') return sessionKernel(parts, windows);
  return windows.type === 'sliding'
    ? slidingWindowKernel(parts, windows)
    : fixedWindowKernel(parts, windows);
}

function storesOf(store: AnyStore, { windows, emit }: Grouping): readonly StoreSpec[] {
  const rows =
    windows === null
      ? lastingStores(store)
      : [storeSpec(store, { retentionMs: retentionOf(store, windows) })];
  if (emit !== 'on commit') return rows;
  const pending: StoreSpec = {
    role: 'pending',
    name: `${store.store}-pending`,
    kind: 'buffer',
    key: lineageOf(store).key ?? store.key,
    value: json(),
    timeIndex: true,
    changelog: 'none',
  };
  return [...rows, pending];
}

function lineageOf(store: AnyStore): Lineage {
  const isWindowed = store.kind === 'window' || store.kind === 'session';
  return {
    store: store.store,
    key: isWindowed ? windowed(store.key as Serde<unknown>) : store.key,
    value: store.value,
  };
}

function retentionOf(store: AnyStore, windows: Windows): number {
  return store.retentionMs ?? leastRetentionMs(windows);
}

/**
 * In a topology the sinks behind `late` register by themselves; outside, subscribing to the table
 * sets them going.
 */
function withLate<T>(
  results: readonly Observable<T>[],
  groupings: readonly Grouping[],
  inputs: readonly AggregationInput[],
): Observable<T> {
  const result = results[0] as Observable<T>;
  const sides: Observable<unknown>[] = [];
  groupings.forEach(({ late }, i) => {
    const output = results[inputs[i]?.lateOutput ?? -1];
    if (late !== null && output !== undefined) sides.push(late(output));
  });
  if (sides.length === 0 || currentScope().kind !== 'bare') return result;
  return new RxObservable<T>((subscriber) => {
    for (const side of sides) {
      subscriber.add(side.subscribe({ error: (error) => subscriber.error(error) }));
    }
    result.subscribe(subscriber);
  });
}

const storeKinds = { time: 'window', session: 'session' } as const;

function checkFits({ kind, store, fold }: AggregationOptions, grouping: Grouping): void {
  const { windows, table } = grouping;
  const wanted = windows === null ? 'key-value' : storeKinds[windows.windows];
  const where = `${kind}(${store.store})`;
  if (store.kind !== wanted) {
    throw new TopologyError(
      'STAGE_INVALID',
      `${where}: the store is a ${store.kind} store, but what comes in needs a ${wanted} store. ` +
        `Make the handle with ${wanted === 'key-value' ? 'keyValueStore' : `${wanted}Store`}.`,
    );
  }
  if (table && fold.subtract === null) {
    throw new TopologyError(
      'STAGE_INVALID',
      `${where}: a grouped table needs a subtractor too, as its rows change and go: give one ` +
        'after the adder.',
    );
  }
  if (windows?.type === 'session' && fold.merge === null) {
    throw new TopologyError(
      'STAGE_INVALID',
      `${where}: sessions need a merger too, as a record between two makes them one: give one ` +
        'after the aggregator.',
    );
  }
  if (windows === null) return;
  const least = leastRetentionMs(windows);
  if (
    store.retentionMs !== undefined &&
    store.retentionMs < least &&
    least !== Number.POSITIVE_INFINITY
  ) {
    throw new StreamsError(
      'INVALID_OPTION',
      `${where}: retentionMs is ${store.retentionMs}, so rows would be gone before their ` +
        `windows close. These windows need ${least} or more.`,
    );
  }
}

function checkSame({ kind, store }: AggregationOptions, first: Grouping, other: Grouping): void {
  const same =
    !other.table &&
    !first.table &&
    (other.windows === null || JSON.stringify(other.windows) === JSON.stringify(first.windows));
  if (same) return;
  throw new TopologyError(
    'STAGE_INVALID',
    `${kind}(${store.store}): the streams have other windows than the first: all that change ` +
      'the same rows share one definition; give it to the first alone.',
  );
}
