import { StreamsError } from '../errors.ts';
import type { ErrorPolicy } from '../model/ErrorPolicy.ts';
import type { AnyRecord, Stage } from '../model/record.ts';
import type { ManagedStore, RowStore } from '../state/RowStore.ts';
import type {
  DropReason,
  Kernel,
  NodeContext,
  ScheduleOptions,
  TableView,
} from '../topology/NodeContext.ts';
import type { Plan, PlanNode } from '../topology/Plan.ts';
import { type LaneLayout, StreamTime } from '../topology/StreamTime.ts';
import type { Turn } from '../topology/Turn.ts';
import type { HotOutput } from './HotOutput.ts';
import type { SinkWriter } from './SinkWriter.ts';

/** What a node needs of its task. */
export interface TaskServices {
  readonly id: string;
  readonly partition: number;
  readonly turn: Turn;
  readonly plan: Plan;
  readonly lanes: LaneLayout;
  store(name: string): ManagedStore<never, never> | undefined;
  kernelOf(node: number): Kernel | undefined;
  drop(record: AnyRecord, reason: DropReason): void;
  schedule(node: string, o: ScheduleOptions, punctuate: (timestamp: number) => void): () => void;
  wallClock(): number;
  taskTime(): number;
  inTurn(node: string, work: () => void): void;
  hold(): () => void;
  after(delayMs: number, ring: () => void): () => void;
  failed(error: unknown, node: string, record: AnyRecord, policy: ErrorPolicy | null): void;
}

/** A node of a running task, as its kernel sees the world. */
export class TaskNode implements NodeContext {
  readonly label: string;
  readonly task: string;
  readonly partition: number;
  readonly turn: Turn;
  readonly plan: PlanNode;
  readonly outputs: readonly HotOutput[];
  readonly times: StreamTime[] = [];
  readonly #first: HotOutput | undefined;
  readonly #writer: SinkWriter | null;
  readonly #services: TaskServices;

  constructor(
    plan: PlanNode,
    outputs: readonly HotOutput[],
    writer: SinkWriter | null,
    services: TaskServices,
  ) {
    this.plan = plan;
    this.label = plan.label;
    this.task = services.id;
    this.partition = services.partition;
    this.turn = services.turn;
    this.outputs = outputs;
    this.#first = outputs[0];
    this.#writer = writer;
    this.#services = services;
  }

  emit(record: AnyRecord): void {
    this.#first?.emit(record);
  }

  emitTo(output: number, record: AnyRecord): void {
    this.outputs[output]?.emit(record);
  }

  send(record: AnyRecord): void {
    if (this.#writer === null)
      throw new StreamsError('TOPOLOGY_INVALID', `${this.label} has no sink`);
    this.#writer.write(record);
  }

  store<K, V>(role: string): RowStore<K, V> {
    return this.#managed(role) as unknown as RowStore<K, V>;
  }

  streamTime(role?: string, input = 0): StreamTime {
    const name = `time of ${this.label}${input === 0 ? '' : ` by input ${input}`}`;
    const cell = role === undefined ? null : this.#managed(role).cell(name);
    const time = new StreamTime(this.#services.lanes, this.turn, cell);
    this.times.push(time);
    return time;
  }

  table<K, V>(input: number): TableView<K, V> {
    const edge = this.plan.inputs[input]?.[0];
    const view = edge === undefined ? undefined : this.#services.kernelOf(edge.node)?.view;
    if (view !== undefined) return view as unknown as TableView<K, V>;
    const from = edge === undefined ? 'nothing' : this.#services.plan.nodes[edge.node]?.label;
    throw new StreamsError(
      'STORE_UNKNOWN',
      `${this.label} looks into a table by input ${input + 1}, but ${from} is none. Put toTable(store) before it.`,
      { place: { task: this.task, node: this.label } },
    );
  }

  stageOf(input: number): Stage | null {
    const edge = this.plan.inputs[input]?.[0];
    return edge === undefined
      ? null
      : (this.#services.plan.nodes[edge.node]?.stages[edge.output] ?? null);
  }

  drop(record: AnyRecord, reason: DropReason): void {
    this.#services.drop(record, reason);
  }

  schedule(o: ScheduleOptions, punctuate: (timestamp: number) => void): () => void {
    return this.#services.schedule(this.label, o, punctuate);
  }

  wallClock(): number {
    return this.#services.wallClock();
  }

  taskTime(): number {
    return this.#services.taskTime();
  }

  inTurn(work: () => void): void {
    this.#services.inTurn(this.label, work);
  }

  hold(): () => void {
    return this.#services.hold();
  }

  after(delayMs: number, ring: () => void): () => void {
    return this.#services.after(delayMs, ring);
  }

  fail(record: AnyRecord, error: unknown, policy: ErrorPolicy | null): void {
    this.#services.failed(error, this.label, record, policy);
  }

  #managed(role: string): ManagedStore<never, never> {
    const spec = this.plan.stores.find((store) => store.role === role);
    const store = spec === undefined ? undefined : this.#services.store(spec.name);
    if (store !== undefined) return store;
    throw new StreamsError(
      'STORE_UNKNOWN',
      `${this.label} opened no store under the role '${role}'.`,
      {
        place: { task: this.task, node: this.label },
      },
    );
  }
}
