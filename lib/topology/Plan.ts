import type { Stage } from '../model/record.ts';
import type { Lineage, NodeSpec, SourceSpec, StoreSpec } from './NodeSpec.ts';

/** Where an input comes from: an output of a node upstream. */
export interface Edge {
  readonly node: number;
  readonly output: number;
}

/**
 * A source or an operator, where it stands in the plan. Its index is the order of application, and
 * so of delivery.
 */
export interface PlanNode {
  readonly index: number;
  /** For messages, metrics and state: `count(orders-per-customer)`, unique in the plan. */
  readonly label: string;
  readonly source: SourceSpec | null;
  /** Null for sources. */
  readonly spec: NodeSpec | null;
  /** For each input: all that comes in by it. */
  readonly inputs: readonly (readonly Edge[])[];
  readonly stores: readonly StoreSpec[];
  readonly lineage: Lineage;
  /** For each output; what the operators between leave as it is. */
  readonly stages: readonly Stage[];
  /** The number of its sub-topology; -1 for global tables, which every task sees. */
  readonly subTopology: number;
}

/** Nodes that must run in one task: linked by edges, or by a store they share. */
export interface SubTopology {
  readonly id: number;
  /** Indexes of its nodes, ascending. */
  readonly nodes: readonly number[];
  /** Indexes of its sources. */
  readonly sources: readonly number[];
  /** Repartitions it writes, by name. */
  readonly repartitionsWritten: readonly string[];
  /** Repartitions it reads, by name. */
  readonly repartitionsRead: readonly string[];
  readonly stores: readonly StoreSpec[];
  /** Groups of source indexes whose topics must have equally many partitions. */
  readonly copartitioned: readonly (readonly number[])[];
}

/** What a topology's factory came to. */
export interface Plan {
  readonly nodes: readonly PlanNode[];
  readonly subTopologies: readonly SubTopology[];
  /** Indexes of the sources of global tables. */
  readonly globals: readonly number[];
}

/** The order in which the factory registered, to be compared when it is run again. */
export function signatureOf(node: {
  readonly source: SourceSpec | null;
  readonly spec: NodeSpec | null;
}): string {
  if (node.source !== null) {
    const from = node.source.pattern?.source ?? node.source.topics.join(', ');
    return `source(${from})`;
  }
  const { kind, name } = node.spec as NodeSpec;
  return name === null ? kind : `${kind}(${name})`;
}
