import type { AnyRecord } from '../../model/record.ts';
import type { Row } from '../../state/RowStore.ts';
import type { NodeContext, TableView } from '../../topology/NodeContext.ts';
import type { Joiner, JoinKind } from './streamTableJoin.ts';
import { changes, type TableRows } from './tableRows.ts';

type View = TableView<unknown, unknown>;

/** The two sides of a join of tables, and the table they make. */
export interface TableTableJoin {
  readonly left: (change: AnyRecord) => void;
  readonly right: (change: AnyRecord) => void;
  readonly view: View;
}

/**
 * Joins two tables by their key: a change of one side meets the row the other side has now. No
 * copies are kept: the views of both sides answer. Semantics: Kafka Streams' KTable-KTable joins.
 */
export function tableTableJoin(
  node: NodeContext,
  leftView: View,
  rightView: View,
  kind: JoinKind,
  joiner: Joiner,
  rows: TableRows | null,
): TableTableJoin {
  ask(leftView, rightView, kind);
  const change = changes(node);
  /** The joined row; null where this kind of join has none. */
  const joined = (left: unknown, right: unknown, key: unknown): unknown => {
    if (left === null && (right === null || kind !== 'outer')) return null;
    if (right === null && kind === 'inner') return null;
    return joiner(left, right, key) ?? null;
  };

  /** The row before is what the joiner makes of the rows before, also where another is stored. */
  const emit = (cause: AnyRecord, value: unknown, previous: unknown, other: number): void => {
    const timestamp = Math.max(cause.timestamp, other);
    rows?.put(cause, value, timestamp);
    node.emit(change(cause, cause.key, value, previous, timestamp));
  };
  const computed: View = {
    get(key) {
      const left = leftView.get(key);
      const right = rightView.get(key);
      const value = joined(valueIn(left), valueIn(right), key);
      if (value === null) return undefined;
      return { value, timestamp: Math.max(timeIn(left), timeIn(right)) };
    },
  };

  return {
    left(record) {
      const { key } = record;
      if (!takesPart(node, leftView, record)) return;
      const right = rightView.get(key);
      if (right === undefined) {
        const nothing = record.value === null && record.previous === null;
        if (nothing || kind === 'inner') return;
      }
      const other = valueIn(right);
      const before = joined(record.previous, other, key);
      emit(record, joined(record.value, other, key), before, timeIn(right));
    },
    right(record) {
      const { key } = record;
      if (!takesPart(node, rightView, record)) return;
      const left = leftView.get(key);
      if (left === undefined) {
        const nothing = record.value === null && record.previous === null;
        if (nothing || kind !== 'outer') return;
      }
      const other = valueIn(left);
      const before = joined(other, record.previous, key);
      emit(record, joined(other, record.value, key), before, timeIn(left));
    },
    view: {
      ...(rows?.view ?? computed),
      tellsPrevious() {
        leftView.tellsPrevious?.(true);
        rightView.tellsPrevious?.(true);
        return true;
      },
    },
  };
}

/** What is emitted for a row of one side alone needs the row before it. */
function ask(left: View, right: View, kind: JoinKind): void {
  if (kind !== 'inner') left.tellsPrevious?.(true);
  if (kind === 'outer') right.tellsPrevious?.(true);
  left.keep?.();
  right.keep?.();
}

/** Rows that only fill a versioned table's history change no result. */
function takesPart(node: NodeContext, view: View, record: AnyRecord): boolean {
  if (record.key === null) {
    node.drop(record, 'null key');
    return false;
  }
  const latest = view.latestTime?.(record.key);
  if (latest === undefined || latest <= record.timestamp) return true;
  node.drop(record, 'late');
  return false;
}

function valueIn(row: Row<unknown> | undefined): unknown {
  return row === undefined ? null : row.value;
}

function timeIn(row: Row<unknown> | undefined): number {
  return row === undefined ? -1 : row.timestamp;
}
