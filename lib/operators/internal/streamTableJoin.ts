import { type AnyRecord, withValue } from '../../model/record.ts';
import type { Row } from '../../state/RowStore.ts';
import type { NodeContext, TableView } from '../../topology/NodeContext.ts';
import { checkKey } from './guards.ts';

/** What a join does with a record that has no partner. */
export type JoinKind = 'inner' | 'left' | 'outer';
export type Joiner = (value: unknown, other: unknown, key: unknown) => unknown;

/**
 * Joins a stream's record with the row of its key: in a versioned table the row in force at the
 * record's time, else the row as it is. Semantics: Kafka Streams' KStream-KTable join.
 */
export function joinWithTable(
  node: NodeContext,
  table: TableView<unknown, unknown>,
  kind: JoinKind,
  joiner: Joiner,
): (record: AnyRecord) => void {
  table.keep?.();
  return (record) => {
    const { key, value } = record;
    const row = key === null ? undefined : rowFor(table, key, record.timestamp);
    if (row === undefined && kind === 'inner') return;
    node.emit(withValue(record, joiner(value, row === undefined ? null : row.value, key)));
  };
}

function rowFor(
  table: TableView<unknown, unknown>,
  key: unknown,
  timestamp: number,
): Row<unknown> | undefined {
  return table.getAsOf === undefined ? table.get(key) : table.getAsOf(key, timestamp);
}

/** Whether a stream's record takes part in a join with a table; a left join takes null keys too. */
export function joinable(node: NodeContext, record: AnyRecord, kind: JoinKind): boolean {
  if (record.value === null) {
    node.drop(record, 'null value');
    return false;
  }
  if (record.key === null) {
    if (kind === 'inner') node.drop(record, 'null key');
    return kind !== 'inner';
  }
  checkKey(node, record);
  return true;
}
