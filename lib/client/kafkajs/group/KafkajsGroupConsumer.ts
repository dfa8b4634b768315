import { KafkaError } from '../../../errors.ts';
import type { Clock } from '../../../model/clock.ts';
import type { TopicPartition } from '../../../model/topicPartition.ts';
import type {
  Fetched,
  GroupAssignment,
  GroupConsumer,
  GroupMetadata,
  GroupOptions,
  OffsetAndMetadata,
  PartitionOffset,
  PartitionReader,
} from '../../KafkaClient.ts';
import { AssignedPartitions } from './AssignedPartitions.ts';
import { difference } from './difference.ts';
import { GroupMembership } from './GroupMembership.ts';
import type { GroupPort } from './GroupPort.ts';
import { commitOffsets, fetchOffsets } from './groupOffsets.ts';
import { leaveGroup } from './groupRequests.ts';
import type { Pauses } from './Pauses.ts';

export interface GroupParts {
  readonly options: GroupOptions;
  readonly reader: PartitionReader;
  readonly coordinator: GroupPort;
  readonly clock: Clock;
  readonly pauses: Pauses;
  /** How often the leader looks whether a topic has grown; default 10,000. */
  readonly metadataCheckMs?: number;
}

/** How long `close` waits for what is under way, and again for the coordinator's answer. */
const closeMs = 3_000;

/**
 * A group's member: a reader whose partitions the group assigns. A round of joining runs beside
 * `poll`, so the partitions that stay are read meanwhile; the callbacks run inside `poll`.
 */
export class KafkajsGroupConsumer implements GroupConsumer {
  readonly #p: GroupParts;
  readonly #assigned: AssignedPartitions;
  readonly #membership: GroupMembership;
  /** The round under way; resolves when it ended, however it did. */
  #round: Promise<void> | null = null;
  #decided: GroupAssignment | null = null;
  /** The last commit's end: commits go one after another, so offsets never go backwards. */
  #commits: Promise<unknown> = Promise.resolve();
  #polling = false;
  /** By the owner, who wants this poll to end. */
  #woken = false;
  /** By the membership, which has something to settle. */
  #nudged = false;
  #endIdle: () => void = () => {};
  #closing: Promise<void> | null = null;

  constructor(parts: GroupParts) {
    const { options: o, clock, pauses, coordinator, reader } = parts;
    const sessionMs = o.sessionMs ?? 10_000;
    this.#p = parts;
    this.#assigned = new AssignedPartitions(reader);
    this.#membership = new GroupMembership({
      groupId: o.groupId,
      instanceId: o.instanceId ?? null,
      topics: o.topics,
      rack: o.rack ?? null,
      assignor: o.assignor,
      sessionMs,
      rebalanceMs: o.rebalanceMs ?? 60_000,
      heartbeatMs: o.heartbeatMs ?? Math.floor(sessionMs / 3),
      metadataCheckMs: parts.metadataCheckMs ?? 10_000,
      clock,
      pauses,
      port: coordinator,
      onChange: () => this.#nudge(),
    });
  }

  get isRejoining(): boolean {
    const { state } = this.#membership;
    return this.#round !== null || state === 'unsettled' || state === 'outside';
  }

  async poll(maxWaitMs: number): Promise<readonly Fetched[]> {
    this.#mustBeOpen();
    if (this.#polling) {
      throw new KafkaError('INVALID_OPTION', 'A poll of this group is under way: await it first.');
    }
    this.#polling = true;
    this.#woken = false;
    try {
      return await this.#poll(this.#p.clock.now() + maxWaitMs);
    } finally {
      this.#polling = false;
    }
  }

  async #poll(until: number): Promise<readonly Fetched[]> {
    for (;;) {
      this.#nudged = false;
      await this.#settle();
      if (this.#closing !== null) return [];
      const leftMs = this.#woken ? 0 : Math.max(0, until - this.#p.clock.now());
      const waitMs = this.#nudged ? 0 : leftMs;
      if (this.#assigned.anyPlaced) {
        const fetched = await this.#p.reader.poll(waitMs);
        if (fetched.length > 0) return fetched.filter((part) => this.#assigned.has(part));
      } else if (waitMs > 0) {
        await this.#idle(waitMs);
      }
      // Interrupted for a callback: it is called, then the wait goes on.
      if (leftMs === 0 || this.#woken || !this.#nudged) return [];
    }
  }

  /** Brings the assignment up to date, as far as it can without waiting for other members. */
  async #settle(): Promise<void> {
    const { options } = this.#p;
    const membership = this.#membership;
    while (this.#closing === null) {
      if (membership.takeLost()) {
        this.#decided = null;
        this.#assigned.replace([]);
        await options.onLost();
      } else if (membership.failure !== null) {
        throw membership.failure;
      } else if (this.#decided !== null) {
        await this.#apply(this.#decided);
      } else if (this.#round !== null || membership.state === 'stable') {
        return;
      } else {
        await options.onRejoin();
        if (!membership.isLost && this.#closing === null) this.#beginRound();
      }
    }
  }

  async #apply(decided: GroupAssignment): Promise<void> {
    this.#decided = null;
    const { added, revoked } = difference(this.#assigned.list, decided.partitions);
    this.#assigned.replace(decided.partitions);
    try {
      await this.#p.options.onAssigned({ added, revoked, userData: decided.userData });
    } finally {
      // Others wait for what this member gave up: the next round hands it to them.
      if (revoked.length > 0) this.#membership.requestRejoin();
    }
  }

  /** From here until the round ended no commit is sent: brokers would refuse both generations. */
  #beginRound(): void {
    const membership = this.#membership;
    const sent = this.#commits;
    this.#round = (async () => {
      await sent;
      const { state } = membership;
      if (state !== 'outside' && state !== 'unsettled') return;
      if (!membership.isLost) this.#decided = await membership.join(this.#assigned.list);
    })().finally(() => {
      this.#round = null;
      this.#nudge();
    });
  }

  commit(offsets: readonly PartitionOffset[]): Promise<void> {
    const round = this.#round;
    const done = this.#commits.then(async () => {
      await round;
      await this.#commitNow(offsets);
    });
    this.#commits = done.catch(() => {});
    return done;
  }

  async #commitNow(offsets: readonly PartitionOffset[]): Promise<void> {
    this.#mustBeOpen();
    const { options, coordinator, pauses } = this.#p;
    const { state, identity } = this.#membership;
    if (state !== 'stable' && state !== 'unsettled') throw generationLost(options.groupId);
    if (offsets.length === 0) return;
    const error = await commitOffsets(coordinator, pauses, {
      groupId: options.groupId,
      instanceId: options.instanceId ?? null,
      ...identity,
      offsets,
    });
    if (error === null) return;
    if (this.#membership.identity === identity) this.#membership.noticed(error);
    throw generationLost(options.groupId, error);
  }

  committed(
    tps: readonly TopicPartition[],
    o: { readonly requireStable?: boolean } = {},
  ): Promise<ReadonlyMap<string, OffsetAndMetadata>> {
    this.#mustBeOpen();
    const { options, coordinator, pauses } = this.#p;
    return fetchOffsets(coordinator, pauses, {
      groupId: options.groupId,
      partitions: tps,
      requireStable: o.requireStable ?? false,
    });
  }

  groupMetadata(): GroupMetadata {
    const { groupId, instanceId } = this.#p.options;
    return { groupId, instanceId: instanceId ?? null, ...this.#membership.identity };
  }

  requestRejoin(): void {
    this.#membership.requestRejoin();
  }

  seek(tp: TopicPartition, offset: number): void {
    this.#assigned.seek(tp, offset);
  }

  position(tp: TopicPartition): number {
    return this.#assigned.position(tp);
  }

  pause(tps: readonly TopicPartition[]): void {
    this.#assigned.pause(tps);
  }

  resume(tps: readonly TopicPartition[]): void {
    this.#assigned.resume(tps);
  }

  wakeup(): void {
    this.#woken = true;
    this.#nudge();
  }

  close(o: { readonly remain?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#close(o.remain ?? this.#p.options.instanceId !== undefined);
    return this.#closing;
  }

  async #close(remain: boolean): Promise<void> {
    const { clock, coordinator, options, pauses, reader } = this.#p;
    const { memberId } = this.#membership;
    this.#membership.leave();
    pauses.end();
    coordinator.close();
    this.#nudge();
    try {
      await within(clock, closeMs, this.#commits);
      if (!remain && memberId !== '') {
        const { groupId, instanceId = null } = options;
        const members = [{ memberId, instanceId }];
        await coordinator.send(leaveGroup, { groupId, members }, { timeoutMs: closeMs });
      }
    } catch {
      // The coordinator will miss the heartbeats instead.
    } finally {
      await reader.close();
    }
  }

  #mustBeOpen(): void {
    if (this.#closing === null) return;
    throw new KafkaError(
      'CLIENT_CLOSED',
      `This member of the group ${this.#p.options.groupId} is closed: make a new one.`,
    );
  }

  /** Ends whatever `poll` waits for, so that it looks again. */
  #nudge(): void {
    this.#nudged = true;
    this.#endIdle();
    this.#p.reader.wakeup();
  }

  #idle(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#p.clock.after(waitMs, () => this.#endIdle());
      this.#endIdle = () => {
        cancel();
        this.#endIdle = () => {};
        resolve();
      };
    });
  }
}

/** Resolves with the promise, or after `waitMs` without it. */
function within(clock: Clock, waitMs: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(waitMs, resolve);
    const done = (): void => {
      cancel();
      resolve();
    };
    work.then(done, done);
  });
}

function generationLost(groupId: string, error?: number): KafkaError {
  return new KafkaError(
    'GROUP_GENERATION_LOST',
    `The group ${groupId} went on without this member, so its offsets were not committed: ` +
      'drop what was not committed and go on with the next assignment.',
    { abortable: true, ...(error === undefined ? {} : { kafkaCode: error }) },
  );
}
