import type { Observable, OperatorFunction } from 'rxjs';
import { TopologyError } from '../../errors.ts';
import type { AnyRecord } from '../../model/record.ts';
import type { JoinWindows } from '../../model/windows/joinWindows.ts';
import type { KeyValueStore } from '../../serde/handles.ts';
import { json } from '../../serde/json.ts';
import type { Serde } from '../../serde/Serde.ts';
import { string } from '../../serde/string.ts';
import type { Kernel, NodeContext } from '../../topology/NodeContext.ts';
import type { AnySerde, Lineage, StoreSpec } from '../../topology/NodeSpec.ts';
import { bufferedRecord } from './bufferedRecord.ts';
import { type GlobalKey, globalTableJoin } from './globalTableJoin.ts';
import { GraceBuffer } from './graceBuffer.ts';
import { ChangeGuard } from './guards.ts';
import { partitioned, statefulOperator, table } from './operator.ts';
import { streamStreamJoin, streamStreamStores } from './streamStreamJoin.ts';
import { type Joiner, type JoinKind, joinable, joinWithTable } from './streamTableJoin.ts';
import { tableRows, tableStoreSpec } from './tableRows.ts';
import { type TableTableJoin, tableTableJoin } from './tableTableJoin.ts';

/** A join of two tables may keep its rows. */
export interface TableJoinOptions<K, R> {
  /**
   * Keeps the joined rows, to query them; default: computed from both tables whenever somebody
   * looks.
   */
  readonly store: KeyValueStore<K, R>;
}

/** A stream's records may wait for the table's rows of their time. */
export interface GraceOptions<K, V> {
  /** Names the store in which records wait. */
  readonly name: string;
  /**
   * How long, in stream time. The table must be versioned: `table(topic, { store:
   * versionedStore(...) })`.
   */
  readonly graceMs: number;
  /** How waiting records become bytes; default: strings as keys, JSON as values. */
  readonly key?: Serde<K>;
  readonly value?: Serde<V>;
}

export type AnyJoinOptions = Partial<TableJoinOptions<never, never> & GraceOptions<never, never>>;

const names = { inner: 'join', left: 'leftJoin', outer: 'outerJoin' } as const;
const described = {
  inner: ['KSTREAM-JOIN', 'KSTREAM-JOINTHIS'],
  left: ['KSTREAM-LEFTJOIN', 'KSTREAM-LEFTTHIS'],
  outer: ['KTABLE-OUTER', 'KSTREAM-OUTERTHIS'],
} as const;

/**
 * What `join`, `leftJoin` and `outerJoin` do with their arguments: these tell which join is meant.
 */
export function joinOf(
  kind: JoinKind,
  other: Observable<unknown>,
  second: unknown,
  third: unknown,
): OperatorFunction<never, unknown> {
  if (typeof second === 'function') {
    return typeof third === 'function'
      ? globalTableJoin(kind, other, second as GlobalKey, third as Joiner)
      : tableJoin(kind, other, second as Joiner, (third ?? {}) as AnyJoinOptions);
  }
  return windowedJoin(kind, other, second as JoinWindows, third as Joiner);
}

function windowedJoin(
  kind: JoinKind,
  other: Observable<unknown>,
  windows: JoinWindows,
  joiner: Joiner,
): OperatorFunction<never, unknown> {
  return statefulOperator(
    {
      kind: names[kind],
      describedAs: described[kind][1],
      name: windows.name,
      accepts: [partitioned, partitioned],
      produces: ['partitioned'],
      copartitioned: true,
      stores: () => streamStreamStores(windows, kind),
    },
    [other],
    (node) => streamStreamJoin(node, windows, kind, joiner),
  );
}

/**
 * With a table: the left is a stream or a table too, which only its records or the plan can tell.
 */
function tableJoin(
  kind: JoinKind,
  other: Observable<unknown>,
  joiner: Joiner,
  o: AnyJoinOptions,
): OperatorFunction<never, unknown> {
  return statefulOperator(
    {
      kind: names[kind],
      describedAs: described[kind][0],
      name: o.store?.store ?? o.name ?? null,
      accepts: [kind === 'outer' ? table : [...partitioned, ...table], table],
      produces: [null],
      copartitioned: true,
      stores: ([first]) => storesOf(o, first),
      lineage: ([first, second]) => ({
        store: o.store?.store ?? first?.store ?? second?.store ?? null,
        key: o.store?.key ?? first?.key ?? second?.key ?? null,
        value: o.store?.value ?? null,
      }),
    },
    [other],
    (node) => tableJoinKernel(node, kind, joiner, o),
  );
}

function storesOf(o: AnyJoinOptions, first: Lineage | undefined): readonly StoreSpec[] {
  if (o.store !== undefined) return [tableStoreSpec(o.store)];
  if (o.name === undefined) return [];
  const value = (o.value ?? first?.value ?? json()) as AnySerde as Serde<unknown>;
  const waiting: StoreSpec = {
    role: 'waiting',
    name: o.name,
    kind: 'buffer',
    key: o.key ?? first?.key ?? string(),
    value: bufferedRecord(value),
    timeIndex: true,
    changelog: 'topic',
  };
  return [waiting];
}

function tableJoinKernel(
  node: NodeContext,
  kind: JoinKind,
  joiner: Joiner,
  o: AnyJoinOptions,
): Kernel {
  const leftGuard = new ChangeGuard(node);
  const rightGuard = new ChangeGuard(node);
  const rightView = node.table<unknown, unknown>(1);
  const stage = kind === 'outer' ? 'table' : node.stageOf(0);
  let join: TableTableJoin | null = null;
  const tables = (): TableTableJoin => {
    if (join !== null) return join;
    const rows = o.store === undefined ? null : tableRows(node, 'key-value');
    join = tableTableJoin(node, node.table(0), rightView, kind, joiner, rows);
    return join;
  };
  if (stage === 'table') tables();
  const streamed = stage === 'table' ? null : streamSide(node, kind, joiner, o);
  return {
    inputs: [
      (record) => {
        if (streamed !== null && record.previous === undefined) {
          streamed.take(record);
          return;
        }
        leftGuard.check(record);
        tables().left(record);
      },
      (record) => {
        rightGuard.check(record);
        join?.right(record);
      },
    ],
    ...(join === null ? {} : { view: (join as TableTableJoin).view }),
    ...(streamed?.buffer
      ? {
          onTime: () => streamed.buffer?.releaseDue(),
          latestDue: () => streamed.buffer?.latestDue() ?? -1,
        }
      : {}),
  };
}

interface StreamSide {
  readonly take: (record: AnyRecord) => void;
  readonly buffer: GraceBuffer | null;
}

function streamSide(
  node: NodeContext,
  kind: JoinKind,
  joiner: Joiner,
  o: AnyJoinOptions,
): StreamSide {
  const view = node.table<unknown, unknown>(1);
  const joined = joinWithTable(node, view, kind, joiner);
  if (o.graceMs === undefined) {
    return {
      take: (record) => {
        if (joinable(node, record, kind)) joined(record);
      },
      buffer: null,
    };
  }
  if (node.stageOf(1) !== null && view.getAsOf === undefined) {
    throw new TopologyError(
      'INVALID_OPTION',
      `${node.label}: graceMs needs a versioned table, as records look up the row of their time ` +
        'later. Give the table a versionedStore.',
    );
  }
  const buffer = new GraceBuffer(node, o.graceMs, joined);
  return {
    take: (record) => {
      if (joinable(node, record, kind)) buffer.take(record);
    },
    buffer,
  };
}
