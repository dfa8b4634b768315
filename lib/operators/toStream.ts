import type { OperatorFunction } from 'rxjs';
import { type Change, type KRecord, origin, streamRecord } from '../model/record.ts';
import { ChangeGuard } from './internal/guards.ts';
import { statelessOperator, table } from './internal/operator.ts';

/**
 * A table's changes as a stream's records: what a row is now, without what it was.
 *
 *   table      +a1  a1→a2  a2→
 *   toStream   a1   a2     a~
 *
 * Partitions: stays. Store: none. Emits: one record per change. Null: a deletion becomes a record
 * with a null value.
 *
 * @example
 * import { string, table, to, topic, topology, toStream } from 'rxkstreams';
 *
 * const copied = topology(() => {
 *   table(topic('names', string())).pipe(toStream(), to(topic('names-copy', string())));
 * });
 * copied.describe().includes('KTABLE-TOSTREAM'); // => true
 *
 * @see toTable
 */
export function toStream<K, V>(): OperatorFunction<Change<K, V>, KRecord<K, V>> {
  return statelessOperator(
    {
      kind: 'toStream',
      describedAs: 'KTABLE-TOSTREAM',
      accepts: [table],
      produces: ['partitioned'],
    },
    (node) => {
      const guard = new ChangeGuard(node, { takesCopies: true });
      return (record) => {
        guard.check(record);
        const { key, value, timestamp, headers } = record;
        node.emit(streamRecord(key, value, timestamp, headers, record[origin]));
      };
    },
  );
}
