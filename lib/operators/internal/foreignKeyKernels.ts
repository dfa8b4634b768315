import { type AnyRecord, origin, streamRecord } from '../../model/record.ts';
import { json } from '../../serde/json.ts';
import type { AnySerde, Serde } from '../../serde/Serde.ts';
import type { RowStore } from '../../state/RowStore.ts';
import type { NodeContext, TableView } from '../../topology/NodeContext.ts';
import {
  type Answer,
  hashOf,
  type Instruction,
  prefixOf,
  type Subscription,
  type SubscriptionKey,
} from './foreignKeyWire.ts';
import { ChangeGuard } from './guards.ts';
import { sameKey } from './sameKey.ts';
import { changes, tableRows } from './tableRows.ts';

/** A foreign-key join, as its three kernels see it. */
export interface ForeignKeyJoin {
  readonly left: boolean;
  readonly foreignKeyOf: (value: unknown, key: unknown) => unknown;
  readonly joiner: (value: unknown, other: unknown, key: unknown) => unknown;
  readonly foreignKey: Serde<unknown>;
}

type Send = (message: AnyRecord) => void;
type View = TableView<unknown, unknown>;

const hashing: Serde<unknown> = json();

function rowHash(value: unknown): number | null {
  return value === null ? null : hashOf(hashing.encode(value));
}

/** A versioned table's history concerns nobody here. */
function outOfOrder(view: View, record: AnyRecord): boolean {
  const latest = view.latestTime?.(record.key);
  return latest !== undefined && latest > record.timestamp;
}

/**
 * Tells the task of each left row's foreign key what to remember and what to answer. Semantics:
 * Kafka Streams' SubscriptionSendProcessor: an inner join asks for a tombstone where the row before
 * may have joined.
 */
export function subscribing(
  node: NodeContext,
  view: View,
  join: ForeignKeyJoin,
  send: Send,
): (change: AnyRecord) => void {
  view.tellsPrevious?.(true);
  const guard = new ChangeGuard(node);
  const keyOf = (value: unknown, key: unknown): unknown =>
    value === null ? null : (join.foreignKeyOf(value, key) ?? null);
  return (change) => {
    guard.check(change);
    const { key, value, previous, timestamp, headers } = change;
    if (key === null) return node.drop(change, 'null key');
    if (outOfOrder(view, change)) return node.drop(change, 'late');
    if (value === null && previous === null) return;
    const before = keyOf(previous, key);
    const after = keyOf(value, key);
    const hash = rowHash(value);
    const tell = (foreignKey: unknown, instruction: Instruction): void => {
      const message: Subscription = { instruction, key, hash, partition: node.partition };
      send(streamRecord(foreignKey, message, timestamp, headers, change[origin]));
    };
    const moved = before !== null && !sameKey(join.foreignKey, before, after);
    if (join.left) {
      if (moved) tell(before, 'forget');
      tell(after, 'answer');
    } else if (after === null) {
      if (value !== null) node.drop(change, 'null key');
      if (before !== null) tell(before, 'forget and answer');
    } else {
      if (moved) tell(before, 'forget');
      tell(after, moved ? 'answer' : 'answer if found');
    }
  };
}

/** What the store remembers of a subscription. */
interface Remembered {
  readonly hash: number | null;
  readonly partition: number;
}

/**
 * Remembers who wants which right row, and answers them: at once, and whenever the right row
 * changes.
 */
export function answering(
  node: NodeContext,
  right: View,
  join: ForeignKeyJoin,
  send: Send,
): { readonly subscription: Send; readonly change: Send } {
  right.tellsPrevious?.(true);
  const subscriptions: RowStore<SubscriptionKey, Remembered> = node.store('subscriptions');
  const guard = new ChangeGuard(node);
  const answer = (
    cause: AnyRecord,
    key: unknown,
    to: Remembered,
    value: unknown,
    at: number,
  ): void => {
    const message: Answer = { hash: to.hash, partition: to.partition, value };
    send(streamRecord(key, message, at, cause.headers, cause[origin]));
  };
  return {
    subscription(record) {
      const foreignKey = record.key;
      const { instruction, key, hash, partition } = record.value as Subscription;
      const to = { hash, partition };
      if (foreignKey === null) {
        answer(record, key, to, null, record.timestamp);
        return;
      }
      const place = { foreignKey, key };
      const forget = instruction === 'forget' || instruction === 'forget and answer';
      if (forget) subscriptions.delete(place, 0, 0);
      else subscriptions.put(place, 0, 0, to, record.timestamp);
      if (instruction === 'forget') return;
      const row = right.get(foreignKey);
      if (row === undefined && instruction === 'answer if found') return;
      const at = Math.max(record.timestamp, row?.timestamp ?? -1);
      answer(record, key, to, forget || row === undefined ? null : row.value, at);
    },
    change(change) {
      guard.check(change);
      const { key: foreignKey, value, timestamp } = change;
      if (foreignKey === null) return node.drop(change, 'null key');
      if (outOfOrder(right, change)) return node.drop(change, 'late');
      const waiting = [...subscriptions.prefix(prefixOf(join.foreignKey, foreignKey))];
      for (const row of waiting) answer(change, row.key.key, row.value, value, timestamp);
    },
  };
}

/** Joins an answer with the left row it was asked for, if that is still the row. */
export function resolving(
  node: NodeContext,
  left: View,
  join: ForeignKeyJoin,
): { readonly take: Send; readonly view: View } {
  const rows = tableRows(node, 'key-value');
  const change = changes(node);
  return {
    view: rows.view,
    take(record) {
      const { key, timestamp } = record;
      const { hash, value: other } = record.value as Answer;
      const value = left.get(key)?.value ?? null;
      if (rowHash(value) !== hash) return node.drop(record, 'late');
      const joins = value !== null && (other !== null || join.left);
      const result = joins ? (join.joiner(value, other, key) ?? null) : null;
      const previous = rows.put(record, result, timestamp);
      node.emit(change(record, key, result, previous, timestamp));
    },
  };
}

/** A serde as the kernels use it. */
export function untyped(serde: AnySerde): Serde<unknown> {
  return serde as Serde<unknown>;
}
