import { StreamsError } from '../errors.ts';
import type { Kernel } from '../topology/NodeContext.ts';
import type { Plan, PlanNode } from '../topology/Plan.ts';
import type { HotOutput } from './HotOutput.ts';
import { type FailureSink, NodeInput } from './NodeInput.ts';
import type { SinkWriter } from './SinkWriter.ts';
import { TaskNode, type TaskServices } from './TaskNode.ts';
import type { TaskScope } from './TaskScope.ts';

/**
 * The nodes of one task: made by the factory, started when their state is there, then connected.
 */
export class TaskPipeline {
  readonly kernels: (Kernel | undefined)[] = [];
  readonly writers: SinkWriter[] = [];
  readonly #scope: TaskScope;
  readonly #plan: Plan;
  readonly #nodes: TaskNode[] = [];
  readonly #inputs: NodeInput[] = [];
  readonly #services: TaskServices & FailureSink;

  /** `subTopology` -1: the nodes of global tables. */
  constructor(
    scope: TaskScope,
    plan: Plan,
    subTopology: number,
    services: TaskServices & FailureSink,
    writerOf: (node: PlanNode) => SinkWriter | null,
  ) {
    this.#scope = scope;
    this.#plan = plan;
    this.#services = services;
    for (const node of plan.nodes) {
      if (node.subTopology !== subTopology) continue;
      const applied = scope.applied[node.index];
      if (applied === undefined) continue;
      const writer = node.spec?.sink === undefined ? null : writerOf(node);
      if (writer !== null) this.writers.push(writer);
      this.#nodes.push(new TaskNode(node, applied.outputs, writer, services));
    }
  }

  /** Starts the kernels, in order of application: whatever looks into a table finds it started. */
  start(): void {
    for (const node of this.#nodes) {
      const start = this.#scope.applied[node.plan.index]?.start;
      if (start == null) continue;
      try {
        this.kernels[node.plan.index] = start(node);
      } catch (error) {
        throw startFailure(error, node);
      }
    }
  }

  /** Links the nodes, in order of application: that is the order of delivery. */
  connect(): void {
    const { order, direct, applied } = this.#scope;
    for (const node of this.#nodes) {
      const kernel = this.kernels[node.plan.index];
      const inputs = applied[node.plan.index]?.inputs ?? [];
      inputs.forEach((source, i) => {
        const take = kernel?.inputs[i];
        if (take === undefined || this.#isForeign(node.plan, i)) return;
        const input = new NodeInput({
          node: node.label,
          ignoresValues: node.plan.spec?.ignoresValues === true,
          source,
          direct: direct.get(source) ?? null,
          take,
          turn: node.turn,
          sink: this.#services,
          order,
          rank: this.#inputs.length,
        });
        this.#inputs.push(input);
        input.connect();
      });
    }
  }

  source(index: number): HotOutput {
    return this.#scope.applied[index]?.outputs[0] as HotOutput;
  }

  /** One of the lanes behind a source has moved on: all that is behind it hears of it. */
  advance(source: number, lane: number, time: number): void {
    for (const node of this.#behind(source)) {
      for (const streamTime of node.times) streamTime.advance(lane, time);
      this.kernels[node.plan.index]?.onTime?.();
    }
  }

  /** The inputs count as finished for now: closes what is held back. False: nothing was. */
  finish(): boolean {
    let isFinished = false;
    // What one node lets go the next may hold back: once for each node is enough.
    for (let round = 0; round <= this.#nodes.length; round++) {
      const due = this.latestDue;
      if (due < 0) break;
      isFinished = true;
      for (const node of this.#nodes) {
        for (const streamTime of node.times) streamTime.advanceAll(due);
        this.kernels[node.plan.index]?.onTime?.();
      }
    }
    return isFinished;
  }

  get latestDue(): number {
    let due = -1;
    for (const kernel of this.kernels) due = Math.max(due, kernel?.latestDue?.() ?? -1);
    return due;
  }

  get holdsUntilCommit(): boolean {
    return this.kernels.some((kernel) => kernel?.beforeCommit !== undefined);
  }

  beforeCommit(): void {
    for (const kernel of this.kernels) kernel?.beforeCommit?.();
  }

  persistTimes(): void {
    for (const node of this.#nodes) for (const time of node.times) time.persist();
  }

  close(): void {
    for (const input of this.#inputs) input.disconnect();
    for (const kernel of this.kernels) kernel?.onClose?.();
  }

  /** A global table's changes do not run through the tasks. */
  #isForeign(node: PlanNode, input: number): boolean {
    const edges = node.inputs[input] ?? [];
    return (
      edges.length > 0 &&
      edges.every((e) => this.#plan.nodes[e.node]?.subTopology !== node.subTopology)
    );
  }

  #behind(source: number): readonly TaskNode[] {
    const known = this.#downstream.get(source);
    if (known !== undefined) return known;
    const reached = new Set([source]);
    for (const { plan } of this.#nodes) {
      if (plan.inputs.flat().some((edge) => reached.has(edge.node))) reached.add(plan.index);
    }
    const nodes = this.#nodes.filter((node) => reached.has(node.plan.index));
    this.#downstream.set(source, nodes);
    return nodes;
  }

  readonly #downstream = new Map<number, readonly TaskNode[]>();
}

/** What a processor's factory or its init() threw. */
function startFailure(error: unknown, { label, task }: TaskNode): StreamsError {
  if (error instanceof StreamsError) return error;
  const text = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
  return new StreamsError(
    'PROCESSING_FAILED',
    `${label} could not start: ${text}. Mend the function that makes it, or its init().`,
    { place: { task, node: label }, cause: error },
  );
}
