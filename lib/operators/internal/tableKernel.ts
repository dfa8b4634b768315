import type { AnyRecord } from '../../model/record.ts';
import type { Kernel } from '../../topology/NodeContext.ts';
import type { AggregationParts } from './aggregation.ts';

/**
 * One row for each key of a grouped table: what a row was is taken out, what it is now is put in. A
 * record holds both, of one key: `previous` the old, `value` the new; null is none. Semantics:
 * Kafka Streams' KTableAggregate.
 */
export function tableKernel({ node, fold, emission }: AggregationParts): Kernel {
  const rows = node.store<unknown, unknown>('rows');
  const take = (record: AnyRecord): void => {
    const { key, value } = record;
    if (key === null) {
      node.drop(record, 'null key');
      return;
    }
    const removed = record.previous ?? null;
    const row = rows.get(key, 0, 0);
    const before = row === undefined ? null : row.value;
    const latest = row === undefined ? record.timestamp : Math.max(record.timestamp, row.timestamp);
    let after = before;
    let timestamp = record.timestamp;
    if (removed !== null && before !== null) {
      after = fold.subtract?.(key, removed, before) ?? null;
      timestamp = latest;
    }
    if (value !== null) {
      after = fold.add(key, value, after === null ? fold.initial() : after);
      timestamp = latest;
    }
    if (after !== null) rows.put(key, 0, 0, after, timestamp);
    else if (row !== undefined) rows.delete(key, 0, 0);
    emission.changed(key, after, before, timestamp, record);
  };
  return {
    inputs: [take],
    view: { get: (key) => rows.get(key, 0, 0) },
    ...(emission.beforeCommit ? { beforeCommit: () => emission.beforeCommit?.() } : {}),
  };
}
