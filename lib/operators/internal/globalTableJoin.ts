import type { Observable, OperatorFunction } from 'rxjs';
import { type AnyRecord, withValue } from '../../model/record.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import { plain, statefulOperator } from './operator.ts';
import type { Joiner, JoinKind } from './streamTableJoin.ts';

/** Which row of a global table a record meets. */
export type GlobalKey = (record: AnyRecord) => unknown;

/**
 * Joins a stream's records with rows of a global table, by any key: every task sees all rows.
 * Semantics: Kafka Streams' KStream-GlobalKTable join; a change of the table emits nothing.
 */
export function globalTableJoin(
  kind: JoinKind,
  other: Observable<unknown>,
  keyOf: GlobalKey,
  joiner: Joiner,
): OperatorFunction<never, unknown> {
  return statefulOperator(
    {
      kind: kind === 'inner' ? 'join' : 'leftJoin',
      describedAs: kind === 'inner' ? 'KSTREAM-JOIN' : 'KSTREAM-LEFTJOIN',
      accepts: [plain, ['global table']],
      produces: [null],
    },
    [other],
    (node) => ({ inputs: [joiningWith(node, kind, keyOf, joiner), () => {}] }),
  );
}

function joiningWith(
  node: NodeContext,
  kind: JoinKind,
  keyOf: GlobalKey,
  joiner: Joiner,
): (record: AnyRecord) => void {
  const table = node.table<unknown, unknown>(1);
  return (record) => {
    const { value, key } = record;
    if (value === null) {
      node.drop(record, 'null value');
      return;
    }
    const wanted = keyOf(record) ?? null;
    if (wanted === null && kind === 'inner') {
      node.drop(record, 'null key');
      return;
    }
    const row = wanted === null ? undefined : table.get(wanted);
    if (row === undefined && kind === 'inner') return;
    node.emit(withValue(record, joiner(value, row === undefined ? null : row.value, key)));
  };
}
