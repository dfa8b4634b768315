import type { PlanNode } from '../topology/Plan.ts';
import { repartitionTopicName } from './AppLayout.ts';
import { laneHeader } from './laneHeader.ts';
import { SinkWriter } from './SinkWriter.ts';
import type { TaskEnvironment } from './TaskEnvironment.ts';

/**
 * The writer of a node's sink, in the task of that partition; null for a node that writes to no
 * topic.
 */
export function makeWriter(
  env: TaskEnvironment,
  node: PlanNode,
  partition: number,
  taskTime: () => number,
): SinkWriter | null {
  const spec = node.spec?.sink;
  if (spec === undefined) return null;
  const { applicationId, repartitions } = env.layout;
  const { repartition } = spec;
  const fixed = typeof spec.topic === 'string' ? spec.topic : null;
  const tells = repartition !== null && repartitions.get(repartition.name)?.needsProgress === true;
  return new SinkWriter({
    node: node.label,
    spec,
    collector: env.collector,
    topic: repartition === null ? fixed : repartitionTopicName(applicationId, repartition.name),
    lane: tells ? laneHeader(partition) : null,
    taskTime,
  });
}
