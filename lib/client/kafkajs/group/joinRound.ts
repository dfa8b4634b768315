import type { TopicPartition } from '../../../model/topicPartition.ts';
import { withholdClaimed } from '../../cooperative.ts';
import type { Assignor, GroupAssignment, GroupMember } from '../../KafkaClient.ts';
import type { JoinedMember, JoinGroupResponse } from '../requests/joinGroup.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type Subscription,
} from './consumerProtocol.ts';
import type { GroupPort } from './GroupPort.ts';
import { coordinatorMoved, groupError, membershipOver } from './groupErrors.ts';
import { joinGroup, syncGroup } from './groupRequests.ts';

/** What a round needs to know of the member. */
export interface Candidate {
  readonly groupId: string;
  readonly instanceId: string | null;
  readonly memberId: string;
  readonly topics: readonly string[];
  readonly rack: string | null;
  readonly assignor: Assignor;
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  readonly owned: readonly TopicPartition[];
  /** The generation that gave `owned`; -1: none did. */
  readonly ownedSince: number;
}

/** How a round ended. */
export type RoundEnd =
  | { readonly kind: 'joined'; readonly joined: Joined }
  /** Once more: at once, or after a pause. */
  | { readonly kind: 'again'; readonly memberId: string; readonly pause: boolean }
  /** `isKnown`: the coordinator knows the member still, only not by this generation. */
  | { readonly kind: 'lost'; readonly isKnown: boolean }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'refused'; readonly error: number };

export interface Joined {
  readonly generation: number;
  readonly memberId: string;
  readonly assignment: GroupAssignment;
  /** On the leader: the topics it decided for, and their partition counts then. */
  readonly watch: Watch | null;
}

export interface Watch {
  readonly topics: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
}

/** The protocol type under which all consumers join. */
const protocolType = 'consumer';

/**
 * One JoinGroup with its SyncGroup. The coordinator answers JoinGroup when all members have joined;
 * the one it made leader decides for all, and SyncGroup brings each its part.
 */
export async function joinRound(port: GroupPort, me: Candidate): Promise<RoundEnd> {
  const held = { held: true, timeoutMs: Math.max(30_000, me.rebalanceMs) + 5_000 };
  const protocol = { name: me.assignor.name, metadata: encodeSubscription(subscriptionOf(me)) };
  const { groupId, sessionMs, rebalanceMs, memberId: knownAs, instanceId } = me;
  const answer = await port.send(
    joinGroup,
    {
      groupId,
      sessionMs,
      rebalanceMs,
      memberId: knownAs,
      instanceId,
      protocolType,
      protocols: [protocol],
    },
    held,
  );
  if (answer.error !== groupError.none) return endOf(answer.error, answer.memberId || knownAs, me);
  const watch = answer.leader === answer.memberId ? await look(port, answer.members, me) : null;
  const { generation, memberId } = answer;
  const assignments =
    watch === null || answer.skipAssignment ? [] : decide(me.assignor, answer, watch.counts);
  const synced = await port.send(
    syncGroup,
    { groupId, generation, memberId, instanceId, assignments },
    held,
  );
  if (synced.error !== groupError.none) return endOf(synced.error, memberId, me);
  const assignment = decodeAssignment(synced.assignment);
  return { kind: 'joined', joined: { generation, memberId, assignment, watch } };
}

/** What the leader has to know: which topics the group reads, and how many partitions they have. */
async function look(
  port: GroupPort,
  members: readonly JoinedMember[],
  me: Candidate,
): Promise<Watch> {
  const topics = new Set(me.topics);
  for (const { metadata } of members) {
    for (const topic of decodeSubscription(metadata).topics) topics.add(topic);
  }
  const all = [...topics].sort();
  // No heartbeats go out until SyncGroup: what is known is taken as it is, and looked at later.
  return { topics: all, counts: await port.partitionCounts(all, false) };
}

function subscriptionOf(me: Candidate): Subscription {
  return {
    topics: me.topics,
    userData: me.assignor.userData(),
    owned: me.owned,
    generation: me.ownedSince,
    rack: me.rack,
  };
}

function endOf(error: number, memberId: string, me: Candidate): RoundEnd {
  if (error === groupError.memberIdRequired) return { kind: 'again', memberId, pause: false };
  if (error === groupError.fencedInstanceId) return { kind: 'fenced' };
  if (membershipOver(error)) {
    const isKnown = error === groupError.illegalGeneration;
    if (me.ownedSince >= 0) return { kind: 'lost', isKnown };
    return { kind: 'again', memberId: isKnown ? memberId : '', pause: true };
  }
  if (error === groupError.rebalanceInProgress) return { kind: 'again', memberId, pause: false };
  if (coordinatorMoved(error)) return { kind: 'again', memberId, pause: true };
  return { kind: 'refused', error };
}

/** What the leader does: asks the assignor, and withholds what is still owned elsewhere. */
function decide(
  assignor: Assignor,
  answer: JoinGroupResponse,
  counts: ReadonlyMap<string, number>,
): readonly { readonly memberId: string; readonly assignment: Uint8Array }[] {
  const seen = answer.members.map(read);
  const claims = seen.map(({ member: { memberId, owned }, generation }) => ({
    memberId,
    owned,
    generation,
  }));
  const wanted = assignor.assign(
    seen.map(({ member }) => member),
    counts,
  );
  const given = withholdClaimed(wanted, claims);
  return seen.map(({ member }) => ({
    memberId: member.memberId,
    assignment: encodeAssignment(given.get(member.memberId) ?? nothing),
  }));
}

interface Seen {
  readonly member: GroupMember;
  readonly generation: number;
}

const nothing: GroupAssignment = { partitions: [], userData: new Uint8Array(0) };

function read({ memberId, instanceId, metadata }: JoinedMember): Seen {
  const { topics, owned, userData, generation } = decodeSubscription(metadata);
  return { member: { memberId, instanceId, topics, owned, userData }, generation };
}
