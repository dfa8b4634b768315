import type { ErrorPolicy } from '../model/ErrorPolicy.ts';
import type { RepartitionSpec, StoreSpec } from '../topology/NodeSpec.ts';
import type { Plan, PlanNode } from '../topology/Plan.ts';
import type { LaneLayout } from '../topology/StreamTime.ts';

/** A topic a sub-topology reads, with the node that reads it. */
export interface InputTopic {
  readonly topic: string;
  /** Index of the source node. */
  readonly source: number;
  readonly partitions: number;
  /** Set when it is a repartition: its name. */
  readonly repartition: string | null;
  /** Upstream tasks that write it (repartitions), else 0. */
  readonly upstreams: number;
  /** The lane of the first upstream task; the others follow. */
  readonly firstLane: number;
  /**
   * It is at its end only when all upstream tasks said that they are. False where they in turn read
   * what is written here (the answers of a foreign-key join): each would wait for the other.
   */
  readonly waitsForUpstreams: boolean;
}

/** A sub-topology on its topics. */
export interface SubTopologyLayout {
  readonly id: number;
  /** As many as its widest topic has partitions. */
  readonly tasks: number;
  readonly inputs: readonly InputTopic[];
  readonly lanes: LaneLayout;
  readonly stores: readonly StoreSpec[];
}

/** A repartition topic. */
export interface RepartitionTopic {
  readonly name: string;
  readonly topic: string;
  readonly partitions: number;
  /** The sub-topology that writes it. */
  readonly writer: number;
  /** Whether its readers need to hear how far the writers are. */
  readonly needsProgress: boolean;
}

/** A plan on its topics: what all instances of the application agree on. */
export interface AppLayout {
  readonly applicationId: string;
  readonly plan: Plan;
  readonly subTopologies: readonly SubTopologyLayout[];
  readonly repartitions: ReadonlyMap<string, RepartitionTopic>;
  /** All topics the group subscribes to. */
  readonly topics: readonly string[];
  /** Topics of global tables, by source node. */
  readonly globals: readonly {
    readonly source: number;
    readonly topic: string;
    readonly partitions: number;
  }[];
  /** Partition counts of all topics that are written. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Which topics there are without the library's own: what must exist before the start. */
export interface TopicsNeeded {
  readonly read: ReadonlyMap<string, PlanNode>;
  readonly written: ReadonlySet<string>;
}

export function topicsNeeded(
  plan: Plan,
  topicsOf: (source: PlanNode) => readonly string[],
  policies: readonly (ErrorPolicy | null | undefined)[],
): TopicsNeeded {
  const read = new Map<string, PlanNode>();
  const written = new Set<string>();
  for (const node of plan.nodes) {
    if (node.source !== null && node.source.repartition === null) {
      for (const topic of topicsOf(node)) read.set(topic, node);
      addDeadLetter(written, node.source.undecodable);
    }
    const topic = node.spec?.sink?.topic;
    if (typeof topic === 'string') written.add(topic);
  }
  for (const policy of policies) addDeadLetter(written, policy);
  return { read, written };
}

function addDeadLetter(topics: Set<string>, policy: ErrorPolicy | null | undefined): void {
  if (policy?.policy === 'dead-letter') topics.add(policy.topic);
}

export function repartitionTopicName(applicationId: string, name: string): string {
  return `${applicationId}-${name}-repartition`;
}

export function changelogTopicName(applicationId: string, store: string): string {
  return `${applicationId}-${store}-changelog`;
}

/** The repartitions of a plan, with the sub-topologies that write and read them. */
export function repartitionsOf(
  plan: Plan,
): readonly { readonly spec: RepartitionSpec; readonly writer: number; readonly source: number }[] {
  const writers = new Map<string, number>();
  for (const node of plan.nodes) {
    const name = node.spec?.sink?.repartition?.name;
    if (name !== undefined) writers.set(name, node.subTopology);
  }
  return plan.nodes.flatMap((node) => {
    const spec = node.source?.repartition;
    const writer = spec == null ? undefined : writers.get(spec.name);
    return spec == null || writer === undefined ? [] : [{ spec, writer, source: node.index }];
  });
}
