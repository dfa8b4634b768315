import { TopologyError } from '../errors.ts';
import type { Stage } from '../model/record.ts';
import { type Lineage, type NodeSpec, type StoreSpec, unknownLineage } from './NodeSpec.ts';
import { type Edge, type Plan, type PlanNode, signatureOf } from './Plan.ts';
import { PlanScope, type Registered } from './planScope.ts';
import { withScope } from './scope.ts';
import { subTopologiesOf } from './subTopologies.ts';

/** Runs a factory to see what it comes to. Throws a TopologyError for whatever could not run. */
export function planOf(factory: () => void): Plan {
  const first = registered(factory, null);
  if (first.registered.length === 0) {
    throw new TopologyError(
      'TOPOLOGY_INVALID',
      'The topology is empty: its factory applied no operator. Begin with stream(...) or table(...).',
    );
  }
  const names = first.registered.map(signatureOf);
  const edges = first.registered.map((node) =>
    node.inputs.map((_, input) => edgesOf(factory, names, node, input)),
  );
  const nodes = described(first.registered, edges);
  checkReached(nodes);
  checkNames(nodes);
  return subTopologiesOf(nodes);
}

function registered(factory: () => void, expected: readonly string[] | null): PlanScope {
  const scope = new PlanScope();
  withScope(scope, factory);
  if (expected !== null) checkSame(expected, scope.registered.map(signatureOf));
  return scope;
}

/** A factory that registers other nodes the second time cannot be run for every task. */
export function checkSame(expected: readonly string[], actual: readonly string[]): void {
  const length = Math.max(expected.length, actual.length);
  for (let i = 0; i < length; i++) {
    if (expected[i] === actual[i]) continue;
    throw new TopologyError(
      'TOPOLOGY_NOT_DETERMINISTIC',
      `The factory built something else the second time: node ${i} was ${expected[i] ?? 'not there'}, then ${actual[i] ?? 'not there'}. A factory is run once for every task: it must not depend on anything that changes (counters, the time, settings read inside).`,
    );
  }
}

/**
 * For each input of each node the factory is run afresh and that input alone is subscribed. Afresh,
 * since a user's `share()` lets only its first subscriber through to what lies behind.
 */
function edgesOf(
  factory: () => void,
  names: readonly string[],
  node: Registered,
  input: number,
): readonly Edge[] {
  const scope = registered(factory, names);
  const observable = scope.registered[node.index]?.inputs[input];
  let failure: unknown;
  const subscription = observable?.subscribe({
    error: (error: unknown) => {
      failure = error;
    },
  });
  subscription?.unsubscribe();
  if (failure !== undefined) {
    throw new TopologyError(
      'TOPOLOGY_INVALID',
      `${names[node.index]}: what comes in fails as soon as it is subscribed: ${String(failure)}`,
      { cause: failure },
    );
  }
  if (scope.reached.length === 0) {
    throw new TopologyError(
      'NODE_NOT_REACHED',
      `${names[node.index]}: nothing of this topology comes in${node.inputs.length > 1 ? ` by input ${input + 1}` : ''}. Its pipeline must begin with stream(...) or table(...) of the same factory; an Observable made outside is no source.`,
    );
  }
  const seen = new Set<string>();
  return scope.reached.filter(({ node: from, output }) => {
    const id = `${from}:${output}`;
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

function described(
  all: readonly Registered[],
  edges: readonly (readonly (readonly Edge[])[])[],
): PlanNode[] {
  const nodes: PlanNode[] = [];
  for (const { index, source, spec } of all) {
    const inputs = edges[index] as readonly (readonly Edge[])[];
    const lineages = inputs.map((from) => lineageOf(nodes, from));
    const signature = signatureOf({ source, spec });
    const taken = nodes.some((node) => node.label === signature);
    nodes.push({
      index,
      label: taken || (spec !== null && spec.name === null) ? `${signature}#${index}` : signature,
      source,
      spec,
      inputs,
      stores: storesOf(spec, lineages),
      lineage: outLineage(source === null ? null : source, spec, lineages),
      stages: source !== null ? ['partitioned'] : stagesOf(nodes, spec as NodeSpec, inputs),
      subTopology: -1,
    });
  }
  return nodes;
}

function storesOf(spec: NodeSpec | null, lineages: readonly Lineage[]): readonly StoreSpec[] {
  return spec?.stores?.(lineages) ?? [];
}

function lineageOf(nodes: readonly PlanNode[], from: readonly Edge[]): Lineage {
  const [edge, ...others] = from;
  if (edge === undefined || others.length > 0 || edge.output !== 0) return unknownLineage;
  return nodes[edge.node]?.lineage ?? unknownLineage;
}

function outLineage(
  source: PlanNode['source'],
  spec: NodeSpec | null,
  lineages: readonly Lineage[],
): Lineage {
  if (source !== null) return { store: null, key: source.key, value: source.value };
  if (spec?.lineage !== undefined) return spec.lineage(lineages);
  return unknownLineage;
}

/**
 * RxJS types nine operators in a `pipe` and no cast at all, so what may follow what is checked here
 * again.
 */
function stagesOf(
  nodes: readonly PlanNode[],
  spec: NodeSpec,
  inputs: readonly (readonly Edge[])[],
): readonly Stage[] {
  const incoming = inputs.map((edges, input) => {
    const stages = edges.map(({ node, output }) => nodes[node]?.stages[output] as Stage);
    const accepted = spec.accepts[input] ?? [];
    const refused = stages.find((stage) => !accepted.includes(stage));
    if (refused !== undefined) throw refusal(spec, refused, accepted);
    return stages.find((stage) => stage !== 'partitioned') ?? stages[0];
  });
  return spec.produces.map((stage) => stage ?? incoming[0] ?? 'partitioned');
}

const remedies: Partial<Record<Stage, string>> = {
  'key changed: repartition() first': "the key changed: put repartition('name') before it",
  table: 'a table is a stream of changes: put toStream() before it, or use the operator for tables',
  'global table': 'a global table can only be joined with',
  partitioned: 'put the operator that makes it one before it (groupByKey, toTable, ...)',
};

function refusal(spec: NodeSpec, refused: Stage, accepted: readonly Stage[]): TopologyError {
  const what = spec.name === null ? spec.kind : `${spec.kind}('${spec.name}')`;
  return new TopologyError(
    'STAGE_INVALID',
    `${what} cannot follow what is '${refused}'; it takes '${accepted.join("' or '")}': ${remedies[refused] ?? 'see its documentation'}.`,
  );
}

/**
 * Whatever nobody listens to would silently do nothing. A store, a topic or an effect is a legal
 * end.
 */
function checkReached(nodes: readonly PlanNode[]): void {
  const reached = new Set(nodes.flatMap((node) => node.inputs.flat().map((edge) => edge.node)));
  for (const node of nodes) {
    if (reached.has(node.index)) continue;
    const { spec } = node;
    const ends =
      spec !== null &&
      (spec.sink !== undefined || node.stores.length > 0 || spec.produces.length === 0);
    if (ends) continue;
    throw new TopologyError(
      'NODE_NOT_REACHED',
      `${node.label} leads nowhere: no operator of this topology takes its records. End its pipeline with to(...), foreach(...) or a store; a pipeline behind concat, defer or switchMap is not reached either.`,
    );
  }
}

function checkNames(nodes: readonly PlanNode[]): void {
  const owners = new Map<string, PlanNode>();
  for (const node of nodes) {
    for (const store of node.stores) {
      const owner = owners.get(store.name);
      if (owner !== undefined && owner !== node && store.shared !== true) {
        throw new TopologyError(
          'DUPLICATE_NAME',
          `Two operators own a store named '${store.name}': ${owner.label} and ${node.label}. A store's name is its changelog topic: give each its own; a table is read once and used as often as it is needed (const rows = table(...)).`,
        );
      }
      owners.set(store.name, node);
    }
  }
}
