import type { Assignor, GroupAssignment, GroupMember } from '../client/KafkaClient.ts';
import { StreamsError } from '../errors.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import type { AppLayout } from './AppLayout.ts';
import { assignTasks, type TaskId } from './assignTasks.ts';

/** What a member tells the leader. */
export interface MemberNews {
  /** Tells processes apart, and names their transactional producers. */
  readonly process: string;
  readonly endpoint: string | null;
  /** Tasks it has a checkpoint of. */
  readonly kept: readonly string[];
}

/** What the leader tells every member. */
export interface GroupNews {
  /** Which member processes there are. */
  readonly processes: readonly string[];
  /** Who runs which task, by endpoint; members without one are under the empty name. */
  readonly hosts: readonly { readonly endpoint: string; readonly tasks: readonly string[] }[];
}

const version = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function encodeNews(news: unknown): Uint8Array {
  const text = encoder.encode(JSON.stringify(news));
  const bytes = new Uint8Array(text.length + 1);
  bytes[0] = version;
  bytes.set(text, 1);
  return bytes;
}

function decodeNews<T>(bytes: Uint8Array): T | null {
  if (bytes.length < 2 || bytes[0] !== version) return null;
  try {
    return JSON.parse(decoder.decode(bytes.subarray(1))) as T;
  } catch {
    return null;
  }
}

export function decodeGroupNews(bytes: Uint8Array): GroupNews | null {
  return decodeNews<GroupNews>(bytes);
}

/**
 * Gives out whole tasks: a task's partitions of all its topics go to one member. A topic that has
 * other partitions than when the app was laid out is told: tasks for them there are none.
 */
export function streamsAssignor(
  layout: AppLayout,
  news: () => MemberNews,
  changed: (error: StreamsError) => void,
): Assignor {
  const tasks = tasksOf(layout);
  return {
    name: 'rxkstreams',
    userData: () => encodeNews(news()),
    assign(members, counts) {
      const error = changeOf(layout, counts);
      if (error !== null) changed(error);
      const told = new Map(
        members.map((member) => [member.memberId, decodeNews<MemberNews>(member.userData)]),
      );
      const given = assignTasks(
        members.map((member) => ({
          id: member.memberId,
          running: ownedTasks(member, tasks),
          kept: told.get(member.memberId)?.kept ?? [],
        })),
        [...tasks.values()],
      );
      const userData = encodeNews(groupNews(members, told, given));
      const answer = new Map<string, GroupAssignment>();
      for (const { memberId } of members) {
        const partitions = (given.get(memberId) ?? []).flatMap(
          (id) => tasks.get(id)?.partitions ?? [],
        );
        answer.set(memberId, { partitions, userData });
      }
      return answer;
    },
  };
}

function changeOf(layout: AppLayout, counts: ReadonlyMap<string, number>): StreamsError | null {
  for (const { topic, partitions } of layout.subTopologies.flatMap((sub) => sub.inputs)) {
    const now = counts.get(topic) ?? partitions;
    if (now === partitions) continue;
    return new StreamsError(
      'TOPIC_CHANGED',
      `The topic ${topic} has ${now} partitions, and had ${partitions} when this app started: it would read no others. Restart all its instances. An app that keeps state needs a topic with as many partitions as before, as keys lie in others now: repartition('name', { partitions: ${partitions} }) makes one.`,
      { place: { topic } },
    );
  }
  return null;
}

interface TaskPartitions extends TaskId {
  readonly partitions: readonly TopicPartition[];
}

/** All tasks there are, with their partitions. */
export function tasksOf(layout: AppLayout): ReadonlyMap<string, TaskPartitions> {
  const tasks = new Map<string, TaskPartitions>();
  for (const sub of layout.subTopologies) {
    for (let partition = 0; partition < sub.tasks; partition++) {
      const id = `${sub.id}_${partition}`;
      const partitions = sub.inputs
        .filter((input) => partition < input.partitions)
        .map(({ topic }) => ({ topic, partition }));
      tasks.set(id, { id, subTopology: sub.id, partitions });
    }
  }
  return tasks;
}

function ownedTasks(member: GroupMember, tasks: ReadonlyMap<string, TaskPartitions>): string[] {
  const owned = new Set(member.owned.map(partitionKey));
  if (owned.size === 0) return [];
  const running: string[] = [];
  for (const task of tasks.values()) {
    if (task.partitions.some((tp) => owned.has(partitionKey(tp)))) running.push(task.id);
  }
  return running;
}

function groupNews(
  members: readonly GroupMember[],
  told: ReadonlyMap<string, MemberNews | null>,
  given: ReadonlyMap<string, readonly string[]>,
): GroupNews {
  const hosts = new Map<string, string[]>();
  const processes: string[] = [];
  for (const { memberId } of members) {
    const news = told.get(memberId);
    if (news == null) continue;
    processes.push(news.process);
    const tasks = hosts.get(news.endpoint ?? '') ?? [];
    tasks.push(...(given.get(memberId) ?? []));
    hosts.set(news.endpoint ?? '', tasks);
  }
  return { processes, hosts: [...hosts].map(([endpoint, tasks]) => ({ endpoint, tasks })) };
}
