import type { Admin, NewTopic } from '../client/KafkaClient.ts';
import { TopologyError } from '../errors.ts';
import type { ErrorPolicy } from '../model/ErrorPolicy.ts';
import type { Plan, PlanNode } from '../topology/Plan.ts';
import { type AppLayout, changelogTopicName, topicsNeeded } from './AppLayout.ts';
import { layOut } from './layOut.ts';

/** What a user decides about the topics the library keeps for itself. */
export interface InternalTopicsOptions {
  /** Default: the brokers'. */
  readonly replicationFactor?: number;
  /** Added to, or put in place of, the configuration of each. */
  readonly config?: Readonly<Record<string, string>>;
  /** False: they exist already and are left as they are. Default true. */
  readonly manage?: boolean;
}

const timeLimits = ['message.timestamp.before.max.ms', 'message.timestamp.after.max.ms'];
/** Before Kafka 3.6. */
const oldTimeLimit = 'message.timestamp.difference.max.ms';
const unlimitedMs = '9223372036854775807';

export interface PreparedTopics {
  readonly layout: AppLayout;
  /** Changelog topics by store; a renamed store goes on with the one it had. */
  readonly changelogs: ReadonlyMap<string, string>;
}

/**
 * Asks the brokers about the topology's topics, checks that they fit, and makes what the library
 * needs of its own: repartitions and changelogs.
 */
export async function prepareTopics(o: {
  readonly admin: Admin;
  readonly plan: Plan;
  readonly applicationId: string;
  readonly policies: readonly (ErrorPolicy | undefined)[];
  readonly idle: boolean;
  readonly internal: InternalTopicsOptions;
}): Promise<PreparedTopics> {
  const { admin, plan, applicationId } = o;
  const needsList = plan.nodes.some((node) => node.source?.pattern != null);
  const all = needsList ? await admin.listTopics() : [];
  const topicsOf = (source: PlanNode): readonly string[] => {
    const { pattern = null, topics = [] } = source.source ?? {};
    if (pattern === null) return topics;
    return all
      .filter((topic) => matches(pattern, topic) && !isInternal(applicationId, topic))
      .sort();
  };
  const needed = topicsNeeded(plan, topicsOf, o.policies);
  const names = [...new Set([...needed.read.keys(), ...needed.written])];
  const counts = await partitionCounts(admin, names);
  checkThere(needed.read, needed.written, counts);
  const layout = layOut({ applicationId, plan, topicsOf, counts, idle: o.idle });
  const changelogs = await changelogNames(admin, layout);
  const makesRepartitions = o.internal.manage !== false && layout.repartitions.size > 0;
  const limits = makesRepartitions ? await noTimeLimits(admin, [...needed.read.keys()]) : {};
  const wanted = [
    ...repartitionTopics(layout, limits, o.internal),
    ...changelogTopics(layout, changelogs, o.internal),
  ];
  if (o.internal.manage !== false && wanted.length > 0) await admin.createTopics(wanted);
  await checkInternal(admin, wanted, o.internal);
  return { layout, changelogs };
}

export async function partitionCounts(
  admin: Admin,
  topics: readonly string[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  if (topics.length === 0) return counts;
  for (const [topic, { partitions }] of await admin.describeTopics(topics)) {
    counts.set(topic, partitions.length);
  }
  return counts;
}

function matches(pattern: RegExp, topic: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(topic);
}

function isInternal(applicationId: string, topic: string): boolean {
  if (topic.startsWith('__')) return true;
  return topic.startsWith(`${applicationId}-`) && /-(changelog|repartition)$/.test(topic);
}

function checkThere(
  read: ReadonlyMap<string, PlanNode>,
  written: ReadonlySet<string>,
  counts: ReadonlyMap<string, number>,
): void {
  for (const [topic, node] of read) {
    if (counts.has(topic)) continue;
    throw new TopologyError(
      'UNKNOWN_TOPIC',
      `The topic '${topic}' that ${node.label} reads does not exist. Make it before the start, with as many partitions as it needs: topics of users are never made here.`,
      { place: { topic } },
    );
  }
  for (const topic of written) {
    if (counts.has(topic)) continue;
    throw new TopologyError(
      'UNKNOWN_TOPIC',
      `The topic '${topic}' that the topology writes does not exist. Make it before the start: topics of users are never made here.`,
      { place: { topic } },
    );
  }
}

/** A store that was renamed goes on with the changelog it had. */
async function changelogNames(
  admin: Admin,
  layout: AppLayout,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  const former = new Map<string, string>();
  for (const { name, changelog, formerly } of layout.subTopologies.flatMap((sub) => sub.stores)) {
    if (changelog !== 'topic') continue;
    names.set(name, changelogTopicName(layout.applicationId, name));
    if (formerly !== undefined)
      former.set(name, changelogTopicName(layout.applicationId, formerly));
  }
  if (former.size === 0) return names;
  const there = await partitionCounts(admin, [...former.values(), ...names.values()]);
  for (const [store, topic] of former) {
    if (there.has(topic) && !there.has(names.get(store) as string)) names.set(store, topic);
  }
  return names;
}

/**
 * Brokers may refuse records whose time is too far from theirs; newer ones do so for the future
 * unless told.
 * How that is configured depends on their version: what a topic that is there has can be set.
 */
async function noTimeLimits(
  admin: Admin,
  [topic]: readonly string[],
): Promise<Record<string, string>> {
  if (topic === undefined) return {};
  const known = await admin.describeConfigs(topic);
  const newer = timeLimits.filter((name) => name in known);
  const names = newer.length > 0 ? newer : [oldTimeLimit].filter((name) => name in known);
  return Object.fromEntries(names.map((name) => [name, unlimitedMs]));
}

function repartitionTopics(
  layout: AppLayout,
  limits: Readonly<Record<string, string>>,
  o: InternalTopicsOptions,
): NewTopic[] {
  return [...layout.repartitions.values()].map(({ topic, partitions }) => ({
    topic,
    partitions,
    ...replication(o),
    config: {
      // Event times lie far from wall-clock time: brokers must not delete by them.
      'cleanup.policy': 'delete',
      'retention.ms': '-1',
      'retention.bytes': '-1',
      'message.timestamp.type': 'CreateTime',
      ...limits,
      ...o.config,
    },
  }));
}

function changelogTopics(
  layout: AppLayout,
  names: ReadonlyMap<string, string>,
  o: InternalTopicsOptions,
): NewTopic[] {
  return layout.subTopologies.flatMap((sub) =>
    sub.stores
      .filter((store) => store.changelog === 'topic')
      .map((store) => ({
        topic: names.get(store.name) as string,
        partitions: sub.tasks,
        ...replication(o),
        config: {
          'cleanup.policy': 'compact',
          'message.timestamp.type': 'LogAppendTime',
          ...o.config,
        },
      })),
  );
}

function replication(o: InternalTopicsOptions): { replicationFactor?: number } {
  return o.replicationFactor === undefined ? {} : { replicationFactor: o.replicationFactor };
}

async function checkInternal(
  admin: Admin,
  wanted: readonly NewTopic[],
  o: InternalTopicsOptions,
): Promise<void> {
  const counts = await partitionCounts(
    admin,
    wanted.map(({ topic }) => topic),
  );
  for (const { topic, partitions } of wanted) {
    const there = counts.get(topic);
    if (there === partitions) continue;
    if (there === undefined && o.manage !== false) continue;
    const remedy =
      there === undefined
        ? 'make it, or leave internalTopics.manage out'
        : 'the partitions of its inputs were changed: state and keys would no longer lie together. Reset the application, or give it a new applicationId';
    throw new TopologyError(
      there === undefined ? 'UNKNOWN_TOPIC' : 'NOT_COPARTITIONED',
      `The internal topic '${topic}' must have ${partitions} partitions, it has ${there ?? 'none, as it does not exist'}: ${remedy}.`,
      { place: { topic } },
    );
  }
}
