import type { Observable } from 'rxjs';
import {
  aggregate,
  type Change,
  cogroup,
  count,
  type KeyValueStore,
  type KRecord,
  reduce,
  type SessionStore,
  type SuppressOptions,
  sessionStore,
  suppress,
  untilTimeLimit,
  untilWindowCloses,
  type WindowStore,
  windowedBy,
  windowStore,
} from 'rxkstreams';
import { keys } from '../keys.ts';
import type { Op } from '../Scenario.ts';
import type { Json, Key } from '../values.ts';
import { type Aggregator, aggregator, merger, type Reducer, reducer } from '../vocabulary.ts';
import {
  type Build,
  type Grouped,
  type GroupNode,
  idOf,
  need,
  type Table,
  type TableGroupNode,
  type Value,
  values,
} from './Build.ts';
import { sessions, timeWindows } from './grouping.ts';

type Windowed = Observable<KRecord<Key, Json, 'windowed'>>;
type Sessions = Observable<KRecord<Key, Json, 'sessions'>>;

/** What each aggregation does with what it is given: one function for each kind of store. */
interface Aggregation {
  byKey(source: Grouped, store: KeyValueStore<Key, Json>): Observable<unknown>;
  byWindow(source: Windowed, store: WindowStore<Key, Json>): Observable<unknown>;
  bySession(source: Sessions, store: SessionStore<Key, Json>): Observable<unknown>;
}

/** Their keys are those of the vocabulary: text, or text and a window. */
function asTable(source: Observable<unknown>): Table {
  return source as Observable<Change<Key, Json>>;
}

function windowedTable(build: Build, op: Op, node: GroupNode, o: Aggregation): Table {
  const { members, window, emit } = node;
  const source = members[0]?.source as Grouped;
  const name = op.store ?? `${idOf(op)}-store`;
  if (window === null) return asTable(o.byKey(source, build.keyValue(name)));
  const kept = {
    key: keys,
    ...(op.retentionMs === undefined ? {} : { retentionMs: op.retentionMs }),
  };
  if (window.type === 'session') {
    const store = build.keep(sessionStore<Json, Key>(name, values, kept));
    return asTable(o.bySession(source.pipe(windowedBy(sessions(window), emit)), store));
  }
  const store = build.keep(windowStore<Json, Key>(name, values, kept));
  return asTable(o.byWindow(source.pipe(windowedBy(timeWindows(window), emit)), store));
}

function aggregated(build: Build, op: Op, o: Aggregation): void {
  const source = windowedTable(build, op, build.inputOf(op, 'groups'), o);
  build.name(idOf(op), { kind: 'table', source });
}

function aggregatedRows(
  build: Build,
  op: Op,
  o: (rows: TableGroupNode, store: KeyValueStore<Key, Json>) => Observable<unknown>,
): void {
  const rows = build.inputOf(op, 'table groups');
  const store = build.keyValue(op.store ?? `${idOf(op)}-store`);
  build.name(idOf(op), { kind: 'table', source: asTable(o(rows, store)) });
}

export function buildCount(build: Build, op: Op): void {
  if (build.input(op).kind === 'table groups') {
    aggregatedRows(build, op, ({ source }, store) =>
      source.pipe(count<Key>(store as unknown as KeyValueStore<Key, number>)),
    );
    return;
  }
  aggregated(build, op, {
    byKey: (source, store) => source.pipe(count(store as unknown as KeyValueStore<Key, number>)),
    byWindow: (source, store) => source.pipe(count(store as unknown as WindowStore<Key, number>)),
    bySession: (source, store) => source.pipe(count(store as unknown as SessionStore<Key, number>)),
  });
}

export function buildReduce(build: Build, op: Op): void {
  const combine = reducer(need(op, 'fn', op.fn));
  if (build.input(op).kind === 'table groups') {
    const takeOut = reducer(need(op, 'sub', op.sub));
    aggregatedRows(build, op, (rows, store) => reducedRows(rows, store, combine, takeOut));
    return;
  }
  aggregated(build, op, {
    byKey: (source, store) => source.pipe(reduce(store, combine)),
    byWindow: (source, store) => source.pipe(reduce(store, combine)),
    bySession: (source, store) => source.pipe(reduce(store, combine)),
  });
}

function reducedRows(
  { source, valueIn }: TableGroupNode,
  store: KeyValueStore<Key, Json>,
  combine: Reducer,
  takeOut: Reducer,
): Observable<unknown> {
  const rows = source as Observable<KRecord<Key, Json, 'grouped table'>>;
  if (valueIn === null) return rows.pipe(reduce(store, combine, takeOut));
  return rows.pipe(
    aggregate(
      store,
      (): Json => null,
      (_key, row, result) => (result === null ? valueIn(row) : combine(result, valueIn(row))),
      (_key, row, result) => takeOut(result, valueIn(row)),
    ),
  );
}

export function buildAggregate(build: Build, op: Op): void {
  const initial = (): Json => op.init ?? null;
  const input = build.input(op);
  if (input.kind === 'table groups') {
    const add = aggregator(need(op, 'fn', op.fn));
    const takeOut = aggregator(need(op, 'sub', op.sub));
    aggregatedRows(build, op, ({ source, valueIn }, store) => {
      const of = valueIn ?? ((row: Json) => row);
      return source.pipe(
        aggregate(
          store,
          initial,
          (key, row, result) => add(key, of(row), result),
          (key, row, result) => takeOut(key, of(row), result),
        ),
      );
    });
    return;
  }
  const groups = build.inputOf(op, 'groups');
  if (groups.members[0]?.add !== null) {
    cogrouped(build, op, groups, initial);
    return;
  }
  const add = aggregator(need(op, 'fn', op.fn));
  aggregated(build, op, {
    byKey: (source, store) => source.pipe(aggregate(store, initial, add)),
    byWindow: (source, store) => source.pipe(aggregate(store, initial, add)),
    bySession: (source, store) => {
      const merge = merger(need(op, 'merger', op.merger));
      return source.pipe(aggregate(store, initial, add, merge));
    },
  });
}

function cogrouped(build: Build, op: Op, { members }: GroupNode, initial: () => Json): void {
  const add = members[0]?.add as Aggregator;
  const others = members
    .slice(1)
    .map(({ source, add }): [Grouped, Aggregator] => [source, add as Aggregator]);
  aggregated(build, op, {
    byKey: (source, store) => source.pipe(cogroup(store, initial, add, ...others)),
    byWindow: (source, store) => source.pipe(cogroup(store, initial, add, ...others)),
    bySession: (source, store) => {
      const merge = merger(need(op, 'merger', op.merger));
      return source.pipe(cogroup(store, initial, add, merge, ...others));
    },
  });
}

export function buildSuppress(build: Build, op: Op): void {
  const { source } = build.inputOf(op, 'table');
  const { maxRecords, whenFull } = op;
  // Named after the store before it, unless another would have the same name.
  const isAlone = build.scenario.topology.filter((other) => other.op === 'suppress').length === 1;
  const o = isAlone ? {} : { buffer: build.rows(`${idOf(op)}-buffer`) };
  const bounds = maxRecords === undefined ? {} : { maxRecords };
  if (op.until === 'timeLimit') {
    const until = untilTimeLimit({
      limitMs: need(op, 'ms', op.ms),
      whenFull: whenFull === 'shutDown' ? 'fail' : 'emit early',
      ...bounds,
    });
    build.name(idOf(op), { kind: 'table', source: source.pipe(suppress(until, o)) });
    return;
  }
  const windows = source as Observable<unknown> as Observable<Change<WindowKey, Json>>;
  const final = windows.pipe(
    suppress(untilWindowCloses(bounds), o as SuppressOptions<WindowKey, Value>),
  );
  build.name(idOf(op), { kind: 'table', source: asTable(final) });
}

type WindowKey = { readonly key: string; readonly start: number; readonly end: number };
