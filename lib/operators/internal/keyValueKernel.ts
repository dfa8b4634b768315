import type { AnyRecord } from '../../model/record.ts';
import type { Kernel } from '../../topology/NodeContext.ts';
import type { AggregationParts, Fold } from './aggregation.ts';
import { checkKey } from './guards.ts';

/**
 * One row for each key. Drops null keys and null values; a row's time is the highest of its records'. Semantics:
 * Kafka Streams' KStreamAggregate, which tells the initial value as the row before the first.
 */
export function keyValueKernel({ node, fold, inputs, emission }: AggregationParts): Kernel {
  const rows = node.store<unknown, unknown>('rows');
  const taker = (add: Fold['add']) => (record: AnyRecord) => {
    const { key, value } = record;
    if (key === null) return node.drop(record, 'null key');
    if (value === null) return node.drop(record, 'null value');
    checkKey(node, record);
    const row = rows.get(key, 0, 0);
    const before = row === undefined ? fold.initial() : row.value;
    const timestamp =
      row === undefined ? record.timestamp : Math.max(record.timestamp, row.timestamp);
    const after = add(key, value, before);
    if (after !== null) rows.put(key, 0, 0, after, timestamp);
    else if (row !== undefined) rows.delete(key, 0, 0);
    emission.changed(key, after, before, timestamp, record);
  };
  return {
    inputs: inputs.map(({ add }) => taker(add)),
    view: { get: (key) => rows.get(key, 0, 0) },
    ...(emission.beforeCommit ? { beforeCommit: () => emission.beforeCommit?.() } : {}),
  };
}
