import { TopologyError } from '../errors.ts';
import type { Plan, PlanNode } from '../topology/Plan.ts';
import { type LaneLayout, oneLane } from '../topology/StreamTime.ts';
import {
  type AppLayout,
  type InputTopic,
  type RepartitionTopic,
  repartitionsOf,
  repartitionTopicName,
  type SubTopologyLayout,
} from './AppLayout.ts';

/** What the brokers told about the topics that are there, and what the options say. */
export interface LayOutInput {
  readonly applicationId: string;
  readonly plan: Plan;
  /** Topics of a source that is no repartition. */
  readonly topicsOf: (source: PlanNode) => readonly string[];
  /** Partition counts of users' topics. */
  readonly counts: ReadonlyMap<string, number>;
  /** An idle policy makes every reader need its writers' progress. */
  readonly idle: boolean;
}

/**
 * Puts a plan on its topics: how many tasks each sub-topology has, how wide its repartitions are,
 * in which lanes time runs. Throws where topics that meet have different partition counts.
 */
export function layOut(o: LayOutInput): AppLayout {
  const { plan, applicationId } = o;
  const widths = repartitionWidths(o);
  const subTopologies = plan.subTopologies.map((sub) => layOutSub(o, sub.id, widths));
  checkCopartitioned(o, widths);
  const repartitions = new Map<string, RepartitionTopic>();
  for (const { spec, writer, source } of repartitionsOf(plan)) {
    const topic = repartitionTopicName(applicationId, spec.name);
    const partitions = widths.get(spec.name) as number;
    const reader = plan.nodes[source]?.subTopology as number;
    const needsProgress = readerNeedsProgress(o, plan, reader, subTopologies, writer);
    repartitions.set(spec.name, { name: spec.name, topic, partitions, writer, needsProgress });
  }
  // Nobody waits for a word that nobody says.
  const heard = (input: InputTopic): InputTopic => {
    const isTold = repartitions.get(input.repartition ?? '')?.needsProgress === true;
    return { ...input, waitsForUpstreams: input.waitsForUpstreams && isTold };
  };
  const counts = new Map(o.counts);
  for (const { topic, partitions } of repartitions.values()) counts.set(topic, partitions);
  return {
    applicationId,
    plan,
    subTopologies: subTopologies.map((sub) => ({ ...sub, inputs: sub.inputs.map(heard) })),
    repartitions,
    topics: [...new Set(subTopologies.flatMap((sub) => sub.inputs.map((input) => input.topic)))],
    globals: plan.globals.flatMap((source) =>
      o.topicsOf(plan.nodes[source] as PlanNode).map((topic) => ({
        source,
        topic,
        partitions: o.counts.get(topic) as number,
      })),
    ),
    counts,
  };
}

/**
 * Several lanes, several inputs to put in order, an idle policy, or readers of its own that need
 * it.
 */
function readerNeedsProgress(
  o: LayOutInput,
  plan: Plan,
  reader: number,
  all: readonly SubTopologyLayout[],
  writer: number,
): boolean {
  const sub = all[reader] as SubTopologyLayout;
  if (o.idle || sub.inputs.length > 1 || (all[writer] as SubTopologyLayout).tasks > 1) return true;
  return (plan.subTopologies[reader]?.repartitionsWritten.length ?? 0) > 0;
}

function layOutSub(
  o: LayOutInput,
  id: number,
  widths: ReadonlyMap<string, number>,
): SubTopologyLayout {
  const sub = o.plan.subTopologies[id] as Plan['subTopologies'][number];
  const inputs: InputTopic[] = [];
  let lanes = 1;
  for (const source of sub.sources) {
    const node = o.plan.nodes[source] as PlanNode;
    const repartition = node.source?.repartition ?? null;
    if (repartition === null) {
      for (const topic of o.topicsOf(node)) {
        const partitions = o.counts.get(topic) as number;
        inputs.push({ ...ordinary, topic, source, partitions });
      }
      continue;
    }
    const upstreams = tasksOf(o, writerOf(o.plan, repartition.name), widths) as number;
    inputs.push({
      topic: repartitionTopicName(o.applicationId, repartition.name),
      source,
      partitions: widths.get(repartition.name) as number,
      repartition: repartition.name,
      upstreams,
      // One upstream task: its records come in order, so lane 0 will do.
      firstLane: upstreams > 1 ? lanes : 0,
      waitsForUpstreams: !leadsTo(o.plan, id, writerOf(o.plan, repartition.name)),
    });
    if (upstreams > 1) lanes += upstreams;
  }
  const groups = inputs
    .filter((input) => input.firstLane > 0)
    .map(({ firstLane, upstreams }) => [firstLane, firstLane + upstreams - 1] as const);
  const layout: LaneLayout = lanes === 1 ? oneLane : { count: lanes, groups: [[0, 0], ...groups] };
  const tasks = Math.max(0, ...inputs.map((input) => input.partitions));
  return { id, tasks, inputs: tablesFirst(o.plan, inputs), lanes: layout, stores: sub.stores };
}

/**
 * Of records with one timestamp a table's comes first: a row holds from its own time on. Else the
 * order of application.
 */
function tablesFirst(plan: Plan, inputs: readonly InputTopic[]): readonly InputTopic[] {
  const isTable = ({ source }: InputTopic): boolean => {
    const readers = plan.nodes.filter((n) => n.inputs.flat().some((edge) => edge.node === source));
    return readers.length > 0 && readers.every((n) => n.spec?.produces.includes('table') === true);
  };
  return [...inputs.filter(isTable), ...inputs.filter((input) => !isTable(input))];
}

/** What an input that is no repartition has in common with all others. */
const ordinary = {
  repartition: null,
  upstreams: 0,
  firstLane: 0,
  waitsForUpstreams: false,
} as const;

/** What one sub-topology writes reaches the other, by however many repartitions. */
function leadsTo(plan: Plan, from: number, to: number): boolean {
  const reached = new Set([from]);
  for (const id of reached) {
    const written = plan.subTopologies[id]?.repartitionsWritten ?? [];
    for (const sub of plan.subTopologies) {
      if (sub.repartitionsRead.some((name) => written.includes(name))) reached.add(sub.id);
    }
  }
  return reached.has(to);
}

function writerOf(plan: Plan, repartition: string): number {
  const writer = plan.subTopologies.find((sub) => sub.repartitionsWritten.includes(repartition));
  if (writer !== undefined) return writer.id;
  throw new TopologyError('TOPOLOGY_INVALID', `Nothing writes the repartition '${repartition}'.`);
}

/**
 * Null while a repartition it reads is not known yet. One that it feeds itself is not waited for:
 * the other inputs say it, as in Kafka Streams.
 */
function tasksOf(o: LayOutInput, id: number, widths: ReadonlyMap<string, number>): number | null {
  let tasks: number | null = null;
  for (const source of (o.plan.subTopologies[id] as Plan['subTopologies'][number]).sources) {
    const width = widthOf(o, source, widths);
    if (width !== null) tasks = Math.max(tasks ?? 0, width);
    else if (!leadsTo(o.plan, id, writerOf(o.plan, repartitionRead(o.plan, source)))) return null;
  }
  return tasks;
}

function repartitionRead(plan: Plan, source: number): string {
  return plan.nodes[source]?.source?.repartition?.name as string;
}

function widthOf(
  o: LayOutInput,
  source: number,
  widths: ReadonlyMap<string, number>,
): number | null {
  const node = o.plan.nodes[source] as PlanNode;
  const repartition = node.source?.repartition ?? null;
  if (repartition !== null) return widths.get(repartition.name) ?? null;
  return Math.max(0, ...o.topicsOf(node).map((topic) => o.counts.get(topic) as number));
}

/**
 * How wide each repartition is: as told; else as wide as the topic it meets in a join; else as many
 * partitions as the sub-topology that writes it has tasks. Semantics: Kafka Streams,
 * RepartitionTopics.
 */
function repartitionWidths(o: LayOutInput): ReadonlyMap<string, number> {
  const widths = new Map<string, number>();
  const open = repartitionsOf(o.plan);
  for (const { spec } of open) {
    if (spec.partitions !== null) widths.set(spec.name, spec.partitions);
  }
  for (const group of o.plan.subTopologies.flatMap((sub) => sub.copartitioned)) {
    const told = group.map((source) => widthOf(o, source, widths)).find((width) => width !== null);
    const isUser = group.some((source) => o.plan.nodes[source]?.source?.repartition === null);
    if (told == null || !(isUser || group.some((s) => isTold(o.plan, s)))) continue;
    for (const source of group) {
      const repartition = o.plan.nodes[source]?.source?.repartition;
      if (repartition != null && !widths.has(repartition.name)) widths.set(repartition.name, told);
    }
  }
  for (let round = 0; round <= open.length; round++) {
    for (const { spec, writer } of open) {
      if (widths.has(spec.name)) continue;
      const tasks = tasksOf(o, writer, widths);
      if (tasks !== null) widths.set(spec.name, tasks);
    }
    widenTogether(o, widths);
  }
  const stuck = open.find(({ spec }) => !widths.has(spec.name));
  if (stuck === undefined) return widths;
  throw new TopologyError(
    'TOPOLOGY_INVALID',
    `The partition count of the repartition '${stuck.spec.name}' depends on itself: give it { partitions }.`,
  );
}

function isTold(plan: Plan, source: number): boolean {
  return plan.nodes[source]?.source?.repartition?.partitions != null;
}

/** Repartitions that meet one another alone are all as wide as the widest. */
function widenTogether(o: LayOutInput, widths: Map<string, number>): void {
  for (const group of o.plan.subTopologies.flatMap((sub) => sub.copartitioned)) {
    const specs = group.map((source) => o.plan.nodes[source]?.source?.repartition ?? null);
    if (specs.some((spec) => spec === null || spec.partitions !== null)) continue;
    const names = specs.map((spec) => spec?.name as string);
    if (names.some((name) => !widths.has(name))) continue;
    const widest = Math.max(...names.map((name) => widths.get(name) as number));
    for (const name of names) widths.set(name, widest);
  }
}

function checkCopartitioned(o: LayOutInput, widths: ReadonlyMap<string, number>): void {
  for (const group of o.plan.subTopologies.flatMap((sub) => sub.copartitioned)) {
    const topics = group.flatMap((source) => {
      const node = o.plan.nodes[source] as PlanNode;
      const repartition = node.source?.repartition;
      if (repartition != null) {
        return [{ topic: repartition.name, count: widths.get(repartition.name) as number }];
      }
      return o.topicsOf(node).map((topic) => ({ topic, count: o.counts.get(topic) as number }));
    });
    if (new Set(topics.map(({ count }) => count)).size <= 1) continue;
    const told = topics.map(({ topic, count }) => `${topic} has ${count} partitions`).join(', ');
    const widest = Math.max(...topics.map(({ count }) => count));
    throw new TopologyError(
      'NOT_COPARTITIONED',
      `Topics that are joined must have equally many partitions, or records of one key never meet: ${told}. Put repartition('name', { partitions: ${widest} }) before the join, or give the topics equal counts.`,
    );
  }
}
