import { consumersOf, describedName } from './describe.ts';
import type { Plan, PlanNode } from './Plan.ts';

/**
 * A plan as a Mermaid flowchart: one box a sub-topology, topics and stores with shapes of their
 * own.
 */
export function mermaidOf(plan: Plan): string {
  const lines = ['flowchart TD'];
  for (const sub of plan.subTopologies) {
    lines.push(`  subgraph sub${sub.id}["sub-topology ${sub.id}"]`);
    for (const index of sub.nodes) lines.push(`    ${shape(plan.nodes[index] as PlanNode)}`);
    lines.push('  end');
  }
  for (const node of plan.nodes) {
    if (node.subTopology < 0) lines.push(`  ${shape(node)}`);
  }
  const names = new Map<string, string>();
  const storeId = (store: string): string => idOf(names, 'store', store);
  const topicId = (topic: string): string => idOf(names, 'topic', topic);
  const stores = new Set(plan.nodes.flatMap((node) => node.stores.map((store) => store.name)));
  for (const store of stores) lines.push(`  ${storeId(store)}[("${store}")]`);
  const topics = new Set(plan.nodes.flatMap(topicsOf));
  for (const topic of topics) lines.push(`  ${topicId(topic)}[/"${topic}"/]`);
  const consumers = consumersOf(plan);
  for (const node of plan.nodes) {
    const from = describedName(node);
    for (const topic of node.source === null ? [] : topicsOf(node))
      lines.push(`  ${topicId(topic)} --> ${from}`);
    for (const to of consumers.get(node.index) ?? [])
      lines.push(`  ${from} --> ${describedName(to)}`);
    for (const store of node.stores) lines.push(`  ${from} --- ${storeId(store.name)}`);
    for (const topic of node.source === null ? topicsOf(node) : [])
      lines.push(`  ${from} --> ${topicId(topic)}`);
  }
  return `${lines.join('\n')}\n`;
}

function shape(node: PlanNode): string {
  const label = node.source === null ? node.label : 'source';
  return `${describedName(node)}["${label.replaceAll('"', "'")}"]`;
}

function topicsOf(node: PlanNode): readonly string[] {
  const { source, spec } = node;
  if (source !== null) {
    if (source.pattern !== null) return [source.pattern.source];
    return source.repartition === null ? source.topics : [`${source.repartition.name}-repartition`];
  }
  const sink = spec?.sink;
  if (sink === undefined) return [];
  if (sink.repartition !== null) return [`${sink.repartition.name}-repartition`];
  return [typeof sink.topic === 'string' ? sink.topic : 'a topic chosen for each record'];
}

/** An identifier that no other name has: `a-b` and `a.b` look alike without their marks. */
function idOf(ids: Map<string, string>, kind: 'store' | 'topic', name: string): string {
  const known = ids.get(`${kind} ${name}`);
  if (known !== undefined) return known;
  const plain = `${kind}_${name.replaceAll(/\W/g, '_')}`;
  let id = plain;
  for (let n = 2; [...ids.values()].includes(id); n++) id = `${plain}_${n}`;
  ids.set(`${kind} ${name}`, id);
  return id;
}
