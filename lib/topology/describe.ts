import type { Plan, PlanNode, SubTopology } from './Plan.ts';

/** A plan in the text form of Kafka Streams' `Topology#describe`, which its viewers can draw. */
export function describePlan(plan: Plan): string {
  const consumers = consumersOf(plan);
  const parts = plan.subTopologies.map((sub) => describeSub(plan, sub, consumers));
  plan.globals.forEach((index, i) => {
    const id = plan.subTopologies.length + i;
    const members = plan.nodes.filter(
      (node) => node.index === index || node.inputs.flat().some((edge) => edge.node === index),
    );
    parts.push(
      `   Sub-topology: ${id} for global store (will not generate tasks)\n${members
        .map((node) => describeNode(plan, node, consumers))
        .join('')}`,
    );
  });
  return `Topologies:\n${parts.join('\n')}\n`;
}

/** The name a node has in `describe()`. */
export function describedName(node: PlanNode): string {
  const kind = node.spec?.describedAs ?? 'KSTREAM-SOURCE';
  return `${kind}-${String(node.index).padStart(10, '0')}`;
}

/** For each node: what takes its records, in order of delivery. */
export function consumersOf(plan: Plan): ReadonlyMap<number, readonly PlanNode[]> {
  const consumers = new Map<number, PlanNode[]>();
  for (const node of plan.nodes) {
    for (const from of new Set(node.inputs.flat().map((edge) => edge.node))) {
      const list = consumers.get(from) ?? [];
      list.push(node);
      consumers.set(from, list);
    }
  }
  return consumers;
}

function describeSub(
  plan: Plan,
  sub: SubTopology,
  consumers: ReadonlyMap<number, readonly PlanNode[]>,
): string {
  const nodes = sub.nodes.map((index) =>
    describeNode(plan, plan.nodes[index] as PlanNode, consumers),
  );
  return `   Sub-topology: ${sub.id}\n${nodes.join('')}`;
}

function describeNode(
  plan: Plan,
  node: PlanNode,
  consumers: ReadonlyMap<number, readonly PlanNode[]>,
): string {
  const next = (consumers.get(node.index) ?? []).map(describedName);
  const after = `      --> ${next.length === 0 ? 'none' : next.join(', ')}\n`;
  const before = [...new Set(node.inputs.flat().map((edge) => edge.node))]
    .map((index) => describedName(plan.nodes[index] as PlanNode))
    .join(', ');
  const name = describedName(node);
  if (node.source !== null) return `    Source: ${name} (${sourceTopics(node)})\n${after}`;
  if (node.spec?.sink !== undefined) {
    return `    Sink: ${name} (${sinkTopic(node)})\n      <-- ${before}\n`;
  }
  const stores = node.stores.map((store) => store.name).join(', ');
  return `    Processor: ${name} (stores: [${stores}])\n${after}      <-- ${before}\n`;
}

function sourceTopics({ source }: PlanNode): string {
  if (source === null) return '';
  if (source.pattern !== null) return `topics: ${source.pattern.source}`;
  if (source.repartition !== null) return `topics: [${source.repartition.name}-repartition]`;
  return `topics: [${source.topics.join(', ')}]`;
}

function sinkTopic({ spec }: PlanNode): string {
  const sink = spec?.sink;
  if (sink?.repartition != null) return `topic: ${sink.repartition.name}-repartition`;
  return typeof sink?.topic === 'string' ? `topic: ${sink.topic}` : 'extractor class: function';
}
