import { type AnyRecord, noHeaders, streamRecord } from '../../model/record.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';

/** Stands for the record that caused a result where none did: time moved on by itself. */
export function clockCause(node: NodeContext, timestamp: number): AnyRecord {
  return streamRecord(null, null, timestamp, noHeaders, {
    topic: '',
    partition: node.partition,
    offset: -1,
    lane: 0,
    task: node.task,
    raw: null,
  });
}
