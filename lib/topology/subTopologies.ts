import { TopologyError } from '../errors.ts';
import type { StoreSpec } from './NodeSpec.ts';
import type { Plan, PlanNode, SubTopology } from './Plan.ts';

/**
 * Which nodes must run in one task: union-find over edges and shared stores. A repartition has no
 * edge: it is a topic.
 */
export function subTopologiesOf(nodes: readonly PlanNode[]): Plan {
  const globals = globalNodes(nodes);
  const roots = new Roots(nodes.length);
  const stores = new Map<string, number>();
  for (const node of nodes) {
    if (globals.has(node.index)) continue;
    for (const edge of node.inputs.flat()) {
      if (!globals.has(edge.node)) roots.join(edge.node, node.index);
    }
    for (const store of node.stores) {
      const other = stores.get(store.name);
      if (other !== undefined) roots.join(other, node.index);
      stores.set(store.name, node.index);
    }
  }
  const ids = new Map<number, number>();
  const placed = nodes.map((node): PlanNode => {
    if (globals.has(node.index)) return node;
    const root = roots.of(node.index);
    const id = ids.get(root) ?? ids.size;
    ids.set(root, id);
    return { ...node, subTopology: id };
  });
  const subTopologies = Array.from({ length: ids.size }, (_, id) => subTopology(placed, id));
  return {
    nodes: placed,
    subTopologies,
    globals: placed
      .filter((node) => globals.has(node.index) && node.source !== null)
      .map((n) => n.index),
  };
}

function subTopology(all: readonly PlanNode[], id: number): SubTopology {
  const nodes = all.filter((node) => node.subTopology === id);
  const stores = new Map<string, StoreSpec>();
  for (const store of nodes.flatMap((node) => node.stores)) stores.set(store.name, store);
  return {
    id,
    nodes: nodes.map((node) => node.index),
    sources: nodes.filter((node) => node.source !== null).map((node) => node.index),
    repartitionsWritten: nodes.flatMap((node) => node.spec?.sink?.repartition?.name ?? []),
    repartitionsRead: nodes.flatMap((node) => node.source?.repartition?.name ?? []),
    stores: [...stores.values()],
    copartitioned: copartitioned(all, nodes),
  };
}

/** For each join: the sources its inputs descend from. */
function copartitioned(all: readonly PlanNode[], nodes: readonly PlanNode[]): number[][] {
  return nodes
    .filter((node) => node.spec?.copartitioned === true)
    .map((node) => {
      const sources = new Set<number>();
      for (const edge of node.inputs.flat())
        for (const s of sourcesOf(all, edge.node)) sources.add(s);
      return [...sources].sort((a, b) => a - b);
    })
    .filter((group) => group.length > 1);
}

function sourcesOf(all: readonly PlanNode[], index: number): readonly number[] {
  const node = all[index] as PlanNode;
  if (node.source !== null) return [index];
  if (node.stages[0] === 'global table') return [];
  return node.inputs.flat().flatMap((edge) => sourcesOf(all, edge.node));
}

/** Global tables and what they are read from: every task sees them, none owns them. */
function globalNodes(nodes: readonly PlanNode[]): ReadonlySet<number> {
  const globals = new Set<number>();
  for (const node of nodes) {
    if (node.spec?.produces.includes('global table') !== true) continue;
    globals.add(node.index);
    for (const edge of node.inputs.flat()) globals.add(edge.node);
  }
  for (const node of nodes) {
    if (globals.has(node.index)) continue;
    const mixed = node.inputs
      .flat()
      .find((edge) => globals.has(edge.node) && nodes[edge.node]?.source !== null);
    if (mixed === undefined) continue;
    throw new TopologyError(
      'TOPOLOGY_INVALID',
      `${nodes[mixed.node]?.label} is read as a global table and as a stream or table too: every task reads all of a global table, but only its share of a stream. Read it one way.`,
    );
  }
  return globals;
}

class Roots {
  readonly #parent: number[];
  constructor(size: number) {
    this.#parent = Array.from({ length: size }, (_, i) => i);
  }

  of(index: number): number {
    let root = index;
    while (this.#parent[root] !== root) root = this.#parent[root] as number;
    this.#parent[index] = root;
    return root;
  }

  join(a: number, b: number): void {
    this.#parent[this.of(b)] = this.of(a);
  }
}
