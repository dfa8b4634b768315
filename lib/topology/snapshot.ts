import { describedName } from './describe.ts';
import type { Plan } from './Plan.ts';

/** What outlives the process of a topology, as JSON: keep it as a lock file beside the program. */
export interface TopologySnapshot {
  readonly version: 1;
  readonly stores: readonly StoreSnapshot[];
  readonly topics: readonly TopicSnapshot[];
  readonly subTopologies: readonly SubTopologySnapshot[];
}

export interface StoreSnapshot {
  readonly name: string;
  readonly kind: string;
  readonly key: string;
  readonly value: string;
  readonly changelog: string;
  readonly formerly?: string;
  readonly subTopology: number;
}

export interface TopicSnapshot {
  readonly name: string;
  readonly role: 'source' | 'sink' | 'repartition' | 'global';
  readonly key: string;
  readonly value: string;
}

export interface SubTopologySnapshot {
  readonly id: number;
  readonly nodes: readonly {
    readonly name: string;
    readonly label: string;
    readonly from: readonly string[];
    readonly stores: readonly string[];
  }[];
}

export function snapshotOf(plan: Plan): TopologySnapshot {
  const stores = new Map<string, StoreSnapshot>();
  for (const node of plan.nodes) {
    for (const store of node.stores) {
      stores.set(store.name, {
        name: store.name,
        kind: store.kind,
        key: store.key.name ?? 'custom',
        value: store.value.name ?? 'custom',
        changelog: store.changelog,
        ...(store.formerly === undefined ? {} : { formerly: store.formerly }),
        subTopology: node.subTopology,
      });
    }
  }
  return {
    version: 1,
    stores: [...stores.values()],
    topics: topicsOf(plan),
    subTopologies: plan.subTopologies.map((sub) => ({
      id: sub.id,
      nodes: plan.nodes
        .filter((node) => node.subTopology === sub.id)
        .map((node) => ({
          name: describedName(node),
          label: node.label,
          from: [...new Set(node.inputs.flat().map((edge) => edge.node))].map((index) =>
            describedName(plan.nodes[index] as never),
          ),
          stores: node.stores.map((store) => store.name),
        })),
    })),
  };
}

function topicsOf(plan: Plan): TopicSnapshot[] {
  const topics = new Map<string, TopicSnapshot>();
  const add = (topic: TopicSnapshot): void => {
    topics.set(`${topic.role} ${topic.name}`, topic);
  };
  for (const { source, spec, index } of plan.nodes) {
    const types = source ?? spec?.sink;
    if (types == null) continue;
    const serdes = { key: types.key.name ?? 'custom', value: types.value.name ?? 'custom' };
    if (types.repartition !== null) {
      add({ name: types.repartition.name, role: 'repartition', ...serdes });
    } else if (source !== null) {
      const role = plan.globals.includes(index) ? 'global' : 'source';
      for (const name of source.topics) add({ name, role, ...serdes });
      if (source.pattern !== null) add({ name: source.pattern.source, role, ...serdes });
    } else if (typeof spec?.sink?.topic === 'string') {
      add({ name: spec.sink.topic, role: 'sink', ...serdes });
    }
  }
  return [...topics.values()];
}
