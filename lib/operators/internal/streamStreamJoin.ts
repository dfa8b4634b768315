import { type AnyRecord, origin, streamRecord } from '../../model/record.ts';
import type { JoinWindows } from '../../model/windows/joinWindows.ts';
import { json } from '../../serde/json.ts';
import type { Serde } from '../../serde/Serde.ts';
import { string } from '../../serde/string.ts';
import type { RowStore } from '../../state/RowStore.ts';
import type { Kernel, NodeContext } from '../../topology/NodeContext.ts';
import type { AnySerde, StoreSpec } from '../../topology/NodeSpec.ts';
import type { StreamTime } from '../../topology/StreamTime.ts';
import { clockCause } from './clockCause.ts';
import { checkKey } from './guards.ts';
import { sidedKey, sidedValue } from './sided.ts';
import type { Joiner, JoinKind } from './streamTableJoin.ts';
import { left, right, type Side, UnmatchedRecords } from './UnmatchedRecords.ts';

/** One side's records, while others may still meet them. */
interface JoinSide {
  readonly side: Side;
  readonly rows: RowStore<unknown, unknown>;
  readonly time: StreamTime;
  /** A record of this side meets those of the other within [ts - before, ts + after]. */
  readonly beforeMs: number;
  readonly afterMs: number;
  /** A record of this side that meets none comes out with null. */
  readonly outer: boolean;
  /** Records of this side may wait as unmatched. */
  readonly waits: boolean;
}

/**
 * Joins two streams: a record meets those of the other side with its key and a timestamp within the
 * window. Each looks up only what it meets: rows lie by key and time. Semantics: Kafka Streams'
 * KStream-KStream join.
 */
export function streamStreamJoin(
  node: NodeContext,
  windows: JoinWindows,
  kind: JoinKind,
  joiner: Joiner,
): Kernel {
  const { beforeMs, afterMs, graceMs } = windows;
  const retentionMs = beforeMs + afterMs + graceMs;
  const time = node.streamTime(kind === 'inner' ? undefined : 'unmatched');
  const unmatched =
    kind === 'inner'
      ? null
      : new UnmatchedRecords(node, time, {
          beforeMs,
          afterMs,
          graceMs,
          emitIntervalMs: windows.emitIntervalMs ?? 0,
          joinedWithNone: (side, value, key) =>
            side === left ? joiner(value, null, key) : joiner(null, value, key),
        });
  const lefts: JoinSide = {
    side: left,
    rows: node.store('left'),
    time: node.streamTime('left'),
    beforeMs,
    afterMs,
    outer: kind !== 'inner',
    waits: kind !== 'inner',
  };
  const rights: JoinSide = {
    side: right,
    rows: node.store('right'),
    time: node.streamTime('right'),
    beforeMs: afterMs,
    afterMs: beforeMs,
    outer: kind === 'outer',
    waits: kind === 'outer',
  };
  const shared: SharedJoin = { node, time, retentionMs, unmatched, joiner };
  return {
    inputs: [
      (record) => take(shared, lefts, rights, record),
      (record) => take(shared, rights, lefts, record),
    ],
    ...(unmatched === null
      ? {}
      : {
          onTime: () => unmatched.emitDueAt(clockCause(node, time.time)),
          latestDue: () => unmatched.latestDue(),
        }),
  };
}

interface SharedJoin {
  readonly node: NodeContext;
  readonly time: StreamTime;
  readonly retentionMs: number;
  readonly unmatched: UnmatchedRecords | null;
  readonly joiner: Joiner;
}

function take(join: SharedJoin, mine: JoinSide, other: JoinSide, record: AnyRecord): void {
  const { node, time, unmatched } = join;
  const { key, value, timestamp } = record;
  time.observe(record);
  if (value === null) {
    node.drop(record, 'null value');
    return;
  }
  if (key === null) {
    if (!mine.outer) node.drop(record, 'null key');
    else emit(join, mine, record, null, timestamp);
    return;
  }
  checkKey(node, record);
  if (unmatched !== null && timestamp >= time.time) unmatched.emitDue(mine.side, record);
  const to = Math.max(0, timestamp + mine.afterMs);
  const met = meet(join, mine, other, record, to);
  if (met || !mine.outer) {
    remember(join, mine, record);
  } else if (to < time.time) {
    emit(join, mine, record, null, timestamp);
    remember(join, mine, record);
  } else {
    unmatched?.put(mine.side, record, remember(join, mine, record));
  }
}

/** Joins the record with all it meets; whether there were any. */
function meet(
  join: SharedJoin,
  mine: JoinSide,
  other: JoinSide,
  record: AnyRecord,
  to: number,
): boolean {
  const { key, timestamp } = record;
  const kept = other.time.time - join.retentionMs + 1;
  const from = Math.max(0, timestamp - mine.beforeMs, kept);
  const met = [...other.rows.ofKey(key, from, to)];
  for (const { major, minor, value } of met) {
    if (other.waits) join.unmatched?.matched(other.side, key, major, minor);
    emit(join, mine, record, value, Math.max(timestamp, major));
  }
  return met.length > 0;
}

/** Keeps the record for those to come; answers its place among those of its key and time. */
function remember(join: SharedJoin, mine: JoinSide, record: AnyRecord): number {
  const { key, value, timestamp } = record;
  mine.time.observe(record);
  const kept = mine.time.time - join.retentionMs + 1;
  let sequence = 0;
  for (const last of mine.rows.ofKey(key, timestamp, timestamp, { reverse: true })) {
    sequence = last.minor + 1;
    break;
  }
  if (timestamp >= kept) mine.rows.put(key, timestamp, sequence, value, timestamp);
  if (kept > 0) mine.rows.expire(kept);
  return sequence;
}

function emit(
  { node, joiner }: SharedJoin,
  { side }: JoinSide,
  record: AnyRecord,
  other: unknown,
  timestamp: number,
): void {
  const { key, value, headers } = record;
  const result = side === left ? joiner(value, other, key) : joiner(other, value, key);
  node.emit(streamRecord(key, result, timestamp, headers, record[origin]));
}

/**
 * The stores of a join of streams: each side's records, and for left and outer joins those that met
 * none.
 */
export function streamStreamStores(windows: JoinWindows, kind: JoinKind): readonly StoreSpec[] {
  const key = (windows.key ?? string()) as AnySerde as Serde<unknown>;
  const leftValue = (windows.left ?? json()) as AnySerde as Serde<unknown>;
  const rightValue = (windows.right ?? json()) as AnySerde as Serde<unknown>;
  const buffer = (role: string, keys: AnySerde, values: AnySerde): StoreSpec => ({
    role,
    name: `${windows.name}-${role}`,
    kind: 'buffer',
    key: keys,
    value: values,
    timeIndex: role !== 'search',
    changelog: 'topic',
  });
  const stores = [buffer('left', key, leftValue), buffer('right', key, rightValue)];
  if (kind === 'inner') return stores;
  return [
    ...stores,
    buffer('unmatched', sidedKey(key), sidedValue(leftValue, rightValue)),
    buffer('search', string(), json()),
  ];
}
