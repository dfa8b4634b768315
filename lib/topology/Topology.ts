import { describePlan } from './describe.ts';
import { mermaidOf } from './mermaid.ts';
import type { Plan } from './Plan.ts';
import { planOf } from './planOf.ts';
import { snapshotOf, type TopologySnapshot } from './snapshot.ts';

/**
 * A topology: a function that builds pipelines, and the plan it came to. It runs nothing by itself:
 * hand it to `new KafkaStreams(...)`, or to `timeline` in a test.
 */
export class Topology {
  /** @internal run once more for every task */
  readonly factory: () => void;
  /** @internal */
  readonly plan: Plan;

  /** @internal use `topology()` */
  constructor(factory: () => void) {
    this.factory = factory;
    this.plan = planOf(factory);
  }

  /** The topology as text, in the form of Kafka Streams' `describe()`: its viewers can draw it. */
  describe(): string {
    return describePlan(this.plan);
  }

  /** What a lock file keeps: see `compareTopologies`. */
  toJSON(): TopologySnapshot {
    return snapshotOf(this.plan);
  }

  /** The topology as a Mermaid flowchart. */
  toMermaid(): string {
    return mermaidOf(this.plan);
  }
}

/**
 * A topology is a function: synchronous and deterministic, as it is run once to plan and once more
 * for every task.
 *
 * Errors: whatever is wrong with the topology itself is a `TopologyError`, thrown here and now.
 *
 * @example
 * import { stream, string, to, topic, topology } from 'rxkstreams';
 *
 * const copy = topology(() => {
 *   stream(topic('in', string())).pipe(to(topic('out', string())));
 * });
 * copy.describe().startsWith('Topologies:'); // => true
 */
export function topology(factory: () => void): Topology {
  return new Topology(factory);
}
