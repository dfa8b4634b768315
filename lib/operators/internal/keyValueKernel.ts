import type { AnyRecord } from '../../model/record.ts';
import type { Kernel } from '../../topology/NodeContext.ts';
import type { AggregationParts, Fold } from './aggregation.ts';
import { checkKey } from './guards.ts';
import { LastingRows } from './LastingRows.ts';

/**
 * One row for each key. Drops null keys and null values; a row's time is the highest of its
 * records'. Semantics: Kafka Streams' KStreamAggregate.
 */
export function keyValueKernel(parts: AggregationParts): Kernel {
  const { node, fold, inputs, emission } = parts;
  const { ttlMs } = parts;
  const rows = new LastingRows(node, parts);
  const forgetOld = (cause: AnyRecord): void =>
    rows.observe(cause, (key, { value, timestamp }) =>
      emission.changed(key, null, value, timestamp, cause),
    );
  const taker = (add: Fold['add']) => (record: AnyRecord) => {
    const { key, value } = record;
    if (key === null) return node.drop(record, 'null key');
    if (value === null) return node.drop(record, 'null value');
    checkKey(node, record);
    if (ttlMs !== undefined) forgetOld(record);
    const row = rows.get(key);
    const before = row === undefined ? fold.initial() : row.value;
    const timestamp =
      row === undefined ? record.timestamp : Math.max(record.timestamp, row.timestamp);
    const after = add(key, value, before);
    if (after !== null) rows.put(key, after, timestamp);
    else if (row !== undefined) rows.delete(key);
    const replaced = row === undefined ? emission.beforeFirst(before) : before;
    emission.changed(key, after, replaced, timestamp, record);
  };
  return {
    inputs: inputs.map(({ add }) => taker(add)),
    view: { get: (key) => rows.get(key) },
    ...(emission.beforeCommit ? { beforeCommit: () => emission.beforeCommit?.() } : {}),
  };
}
