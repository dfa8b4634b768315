import { compareKeys } from './keys.ts';
import { isRecord } from './runScenario.ts';
import type { Op, Result, Scenario } from './Scenario.ts';

/** Processors that see each key for itself. */
const keyedProcessors = new Set(['dedup', 'setTs', 'runningCount', 'stampHeader', 'dropHeader']);

/**
 * Whether a scenario's results are the same when its keys lie in several partitions. They are not
 * where one key's records move the time of another's (windows, suppress, history), or where a
 * processor looks at all keys; then one key alone may do.
 */
export function spreads(scenario: Scenario): boolean {
  const keys = new Set<string | null>();
  for (const step of scenario.inputs) {
    // Wall-clock punctuations and keyless records belong to whole tasks.
    if (!isRecord(step) || step.key === null) return false;
    keys.add(step.key);
  }
  if (!scenario.topology.every(isKnownAlone)) return false;
  if (scenario.topology.every(isByKey)) return true;
  // Behind a repartition time is that of the slowest upstream task: those that are never fed hold
  // it back.
  return keys.size === 1 && !scenario.topology.some(rekeys);
}

/** It does not tell where a record lay, nor what time its partition has. */
function isKnownAlone({ processor, timestamp }: Op): boolean {
  return processor !== 'meta' && timestamp?.endsWith(':partitionTime') !== true;
}

const rekeying = new Set(['selectKey', 'map', 'flatMap', 'groupBy', 'repartition', 'process']);

function rekeys(op: Op): boolean {
  return rekeying.has(op.op) || (op.op === 'toStream' && op.key !== undefined);
}

function isByKey(op: Op): boolean {
  if (op.processor !== undefined) return keyedProcessors.has(op.processor);
  return (
    op.window === undefined &&
    op.op !== 'suppress' &&
    op.versionedMs === undefined &&
    op.graceMs === undefined
  );
}

/** Results of one input in the order of their keys: between partitions there is no other. */
export function inOrderOfKeys<R extends Result>(result: R): R {
  const outputs = Object.entries(result.outputs).map(([topic, rows]) => [
    topic,
    [...rows].sort((a, b) => a.at - b.at || compareKeys(a.key, b.key)),
  ]);
  return { ...result, outputs: Object.fromEntries(outputs) };
}
