import type { Clock } from '../../model/clock.ts';
import type { GroupAssignment, GroupDescription, GroupMember } from '../KafkaClient.ts';
import {
  fencedInstance,
  illegalGeneration,
  rebalanceInProgress,
  refused,
  unknownMember,
} from './answers.ts';
import { type Deferred, deferred } from './deferred.ts';
import { GroupOffsets } from './GroupOffsets.ts';

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

/** What a member says of itself when it joins, for the leader's eyes. */
export interface MemberMetadata extends Omit<GroupMember, 'memberId' | 'instanceId'> {
  /** The generation in which it was given what it owns. */
  readonly generation: number;
}

export interface JoinRequest {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly protocol: string;
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  readonly metadata: MemberMetadata;
}

export interface JoinAnswer {
  readonly memberId: string;
  readonly generation: number;
  /** Empty for all but the leader. */
  readonly members: readonly (MemberMetadata & Pick<GroupMember, 'memberId' | 'instanceId'>)[];
  readonly isLeader: boolean;
  /** A leader that only came back: it watches the topics, and assigns nothing anew (KIP-814). */
  readonly keepsAssignment: boolean;
}

interface Member {
  request: JoinRequest;
  readonly memberId: string;
  joining: Deferred<JoinAnswer> | null;
  syncing: Deferred<GroupAssignment> | null;
  assignment: GroupAssignment;
  cancelSession: () => void;
}

const nothing: GroupAssignment = { partitions: [], userData: new Uint8Array() };

/**
 * A group's coordinator, as Kafka's classic protocol has it: joins are gathered until all known
 * members have come (or the rebalance timeout is over), a leader assigns, sync hands out,
 * heartbeats keep alive.
 */
export class MemoryGroup {
  readonly groupId: string;
  readonly offsets: GroupOffsets = new GroupOffsets();
  readonly #clock: Clock;
  readonly #initialDelayMs: number;
  #state: GroupState = 'Empty';
  #generation = 0;
  #protocol = '';
  #leader = '';
  #nextMember = 1;
  readonly #expected: Set<string> = new Set();
  readonly #members: Map<string, Member> = new Map();
  readonly #instances: Map<string, string> = new Map();
  #cancelRebalance: () => void = () => {};
  #isInitial = false;

  constructor(groupId: string, clock: Clock, initialDelayMs: number) {
    this.groupId = groupId;
    this.#clock = clock;
    this.#initialDelayMs = initialDelayMs;
  }

  get state(): GroupState {
    return this.#state;
  }

  get hasMembers(): boolean {
    return this.#members.size > 0;
  }

  /** A member's id, given before it joins (KIP-394), so that a lost answer leaves no ghost. */
  newMemberId(clientId: string): string {
    const memberId = `${clientId}-${this.#nextMember++}`;
    this.#expected.add(memberId);
    return memberId;
  }

  join(request: JoinRequest): Promise<JoinAnswer> {
    if (this.#members.size > 0 && this.#protocol !== request.protocol) {
      const others = `its members speak ${this.#protocol}, this one ${request.protocol}`;
      throw refused(23, `Group ${this.groupId}: ${others}; all must share a protocol`);
    }
    const { memberId, instanceId } = request;
    const known = this.#members.get(memberId);
    if (known !== undefined) {
      this.#checkInstance(memberId, instanceId, false);
      return this.#rejoin(known, request);
    }
    const before = instanceId === null ? undefined : this.#instances.get(instanceId);
    if (!this.#expected.delete(memberId)) throw unknownMember(this.groupId);
    if (before !== undefined) return this.#replace(before, request);
    return this.#arrive(this.#add(request));
  }

  sync(
    memberId: string,
    generation: number,
    assignments: ReadonlyMap<string, GroupAssignment>,
  ): Promise<GroupAssignment> {
    const member = this.#check(memberId, generation, null, false);
    if (this.#state === 'PreparingRebalance') throw rebalanceInProgress(this.groupId);
    if (this.#state === 'Stable') {
      this.#keepAlive(member);
      return Promise.resolve(member.assignment);
    }
    member.syncing = deferred();
    const answer = member.syncing.promise;
    if (memberId === this.#leader) this.#assign(assignments);
    return answer;
  }

  heartbeat(memberId: string, generation: number, instanceId: string | null): void {
    const member = this.#check(memberId, generation, instanceId, false);
    this.#keepAlive(member);
    if (this.#state === 'PreparingRebalance') throw rebalanceInProgress(this.groupId);
  }

  leave(memberId: string): void {
    this.#expected.delete(memberId);
    const member = this.#members.get(memberId);
    if (member !== undefined) this.#remove(member);
  }

  /** Refuses a commit of who is not, or no more, in the group. */
  checkCommit(
    memberId: string,
    generation: number,
    instanceId: string | null,
    isTransactional: boolean,
  ): void {
    if (generation < 0 && memberId === '') {
      if (this.#members.size === 0 || isTransactional) return;
      throw unknownMember(this.groupId);
    }
    const member = this.#check(memberId, generation, instanceId, isTransactional);
    if (isTransactional) return;
    if (this.#state === 'CompletingRebalance') throw rebalanceInProgress(this.groupId);
    this.#keepAlive(member);
  }

  describe(): GroupDescription {
    const members = [...this.#members.values()].map(({ memberId, request }) => {
      return { memberId, clientId: request.clientId };
    });
    return { groupId: this.groupId, state: this.#state, protocol: this.#protocol, members };
  }

  #check(
    memberId: string,
    generation: number,
    instanceId: string | null,
    abortable: boolean,
  ): Member {
    this.#checkInstance(memberId, instanceId, abortable);
    const member = this.#members.get(memberId);
    if (member === undefined) throw unknownMember(this.groupId, abortable);
    if (generation !== this.#generation) throw illegalGeneration(this.groupId, abortable);
    return member;
  }

  #checkInstance(memberId: string, instanceId: string | null, abortable: boolean): void {
    if (instanceId === null) return;
    const holder = this.#instances.get(instanceId);
    if (holder !== undefined && holder !== memberId) throw fencedInstance(this.groupId, abortable);
  }

  #add(request: JoinRequest): Member {
    const { memberId, instanceId } = request;
    const member: Member = {
      request,
      memberId,
      joining: null,
      syncing: null,
      assignment: nothing,
      cancelSession: () => {},
    };
    this.#members.set(memberId, member);
    if (instanceId !== null) this.#instances.set(instanceId, memberId);
    this.#protocol = request.protocol;
    return member;
  }

  #rejoin(member: Member, request: JoinRequest): Promise<JoinAnswer> {
    const isSame = sameMetadata(member.request.metadata, request.metadata);
    member.request = request;
    // A follower that says nothing new has only lost the answer: the generation stands.
    if (this.#state === 'Stable' && isSame && member.memberId !== this.#leader) {
      this.#keepAlive(member);
      return Promise.resolve(this.#answer(member));
    }
    return this.#arrive(member);
  }

  /** A static member has come back under a new member id: the old one is fenced. */
  #replace(oldId: string, request: JoinRequest): Promise<JoinAnswer> {
    const old = this.#members.get(oldId) as Member;
    old.cancelSession();
    old.joining?.reject(fencedInstance(this.groupId));
    old.syncing?.reject(fencedInstance(this.groupId));
    this.#members.delete(oldId);
    const member = this.#add(request);
    member.assignment = old.assignment;
    if (this.#leader === oldId) this.#leader = member.memberId;
    if (this.#state !== 'Stable') return this.#arrive(member);
    this.#keepAlive(member);
    return Promise.resolve({ ...this.#answer(member), keepsAssignment: true });
  }

  #arrive(member: Member): Promise<JoinAnswer> {
    member.cancelSession();
    member.joining ??= deferred();
    const { promise } = member.joining;
    if (this.#state !== 'PreparingRebalance') this.#prepare();
    this.#completeIfAllCame();
    return promise;
  }

  #prepare(): void {
    this.#isInitial = this.#state === 'Empty';
    for (const member of this.#members.values()) {
      if (member.syncing === null) continue;
      member.syncing.reject(rebalanceInProgress(this.groupId));
      member.syncing = null;
      this.#keepAlive(member);
    }
    this.#state = 'PreparingRebalance';
    const waits = [...this.#members.values()].map(({ request }) => request.rebalanceMs);
    const waitMs = this.#isInitial ? this.#initialDelayMs : Math.max(...waits);
    if (this.#isInitial && waitMs === 0) return;
    this.#cancelRebalance = this.#clock.after(waitMs, () => this.#complete());
  }

  #completeIfAllCame(): void {
    if (this.#state !== 'PreparingRebalance') return;
    if (this.#isInitial && this.#initialDelayMs > 0) return;
    for (const member of this.#members.values()) if (member.joining === null) return;
    this.#complete();
  }

  #complete(): void {
    this.#cancelRebalance();
    for (const member of [...this.#members.values()]) {
      if (member.joining !== null || member.request.instanceId !== null) continue;
      this.#forget(member);
    }
    this.#generation += 1;
    if (this.#members.size === 0) {
      this.#state = 'Empty';
      return;
    }
    this.#state = 'CompletingRebalance';
    const present = [...this.#members.values()].filter(({ joining }) => joining !== null);
    if (!present.some(({ memberId }) => memberId === this.#leader)) {
      this.#leader = present[0]?.memberId ?? '';
    }
    for (const member of present) {
      const { joining } = member;
      member.joining = null;
      this.#keepAlive(member);
      joining?.resolve(this.#answer(member));
    }
  }

  #answer(member: Member): JoinAnswer {
    const isLeader = member.memberId === this.#leader;
    const members = isLeader ? [...this.#members.values()].map(describeMember) : [];
    const { memberId } = member;
    const generation = this.#generation;
    return { memberId, generation, members, isLeader, keepsAssignment: false };
  }

  #assign(assignments: ReadonlyMap<string, GroupAssignment>): void {
    this.#state = 'Stable';
    for (const member of this.#members.values()) {
      member.assignment = assignments.get(member.memberId) ?? nothing;
      const { syncing } = member;
      member.syncing = null;
      if (syncing === null) continue;
      this.#keepAlive(member);
      syncing.resolve(member.assignment);
    }
  }

  #keepAlive(member: Member): void {
    member.cancelSession();
    // Who waits for the coordinator needs no heartbeat.
    if (member.joining !== null) return;
    const { sessionMs } = member.request;
    member.cancelSession = this.#clock.after(sessionMs, () => {
      if (member.joining === null && member.syncing === null) this.#remove(member);
      else this.#keepAlive(member);
    });
  }

  #remove(member: Member): void {
    this.#forget(member);
    if (this.#state === 'PreparingRebalance') this.#completeIfAllCame();
    else if (this.#members.size > 0) this.#prepare();
    else {
      this.#state = 'Empty';
      this.#generation += 1;
    }
  }

  #forget(member: Member): void {
    member.cancelSession();
    member.joining?.reject(unknownMember(this.groupId));
    member.syncing?.reject(unknownMember(this.groupId));
    this.#members.delete(member.memberId);
    const { instanceId } = member.request;
    if (instanceId !== null) this.#instances.delete(instanceId);
  }
}

function describeMember({ memberId, request }: Member): JoinAnswer['members'][number] {
  return { ...request.metadata, memberId, instanceId: request.instanceId };
}

function sameMetadata(a: MemberMetadata, b: MemberMetadata): boolean {
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

function plain({ topics, owned, userData, generation }: MemberMetadata): unknown {
  return [topics, owned.map((tp) => [tp.topic, tp.partition]), [...userData], generation];
}
