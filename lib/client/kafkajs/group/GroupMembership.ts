import { KafkaError } from '../../../errors.ts';
import type { Clock } from '../../../model/clock.ts';
import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { Assignor, GroupAssignment } from '../../KafkaClient.ts';
import { kafkaErrorOf } from '../kafkaErrors.ts';
import type { GroupPort } from './GroupPort.ts';
import { coordinatorMoved, groupError, membershipOver } from './groupErrors.ts';
import { heartbeat } from './groupRequests.ts';
import { type Joined, joinRound, type Watch } from './joinRound.ts';
import { type MembershipState, step } from './membershipStates.ts';
import type { Pauses } from './Pauses.ts';

export interface MembershipOptions {
  readonly groupId: string;
  readonly instanceId: string | null;
  readonly topics: readonly string[];
  readonly rack: string | null;
  readonly assignor: Assignor;
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  readonly heartbeatMs: number;
  /** How often the leader looks whether a topic has grown. */
  readonly metadataCheckMs: number;
  readonly clock: Clock;
  readonly pauses: Pauses;
  readonly port: GroupPort;
  /** Called when there is something for the owner to look at: a round is due, or all is lost. */
  readonly onChange: () => void;
}

/** Who this member is, as the coordinator knows it. */
export interface Identity {
  readonly memberId: string;
  readonly generation: number;
}

/** After a heartbeat without an answer the next one comes sooner. */
const againMs = 500;

const nobody: Identity = { memberId: '', generation: -1 };

/**
 * One member's place in its group: joins, stays by heartbeats, learns that a round is due or that
 * the group went on without it. It knows nothing of positions and callbacks.
 */
export class GroupMembership {
  readonly #o: MembershipOptions;
  #state: MembershipState = 'outside';
  #memberId = '';
  #identity: Identity = nobody;
  /** An assignment came, and the group has not gone on without this member since. */
  #belongs = false;
  #lost = false;
  #failure: KafkaError | null = null;
  #watch: Watch | null = null;
  #watchedAt = 0;
  #isLooking = false;
  #wished = false;
  #stopBeating: () => void = () => {};

  constructor(o: MembershipOptions) {
    this.#o = o;
  }

  get state(): MembershipState {
    return this.#state;
  }

  /**
   * The last identity that an assignment came with. It stays when the membership is over: whoever
   * commits with it is refused, while an empty one would pass unchecked.
   */
  get identity(): Identity {
    return this.#identity;
  }

  /** The id that a LeaveGroup must name; empty: the coordinator knows no such member. */
  get memberId(): string {
    return this.#memberId;
  }

  get failure(): KafkaError | null {
    return this.#failure;
  }

  /** True once after the group went on without this member. */
  takeLost(): boolean {
    const lost = this.#lost;
    this.#lost = false;
    return lost;
  }

  get isLost(): boolean {
    return this.#lost;
  }

  requestRejoin(): void {
    if (this.#state === 'joining') this.#wished = true;
    if (this.#state !== 'stable') return;
    this.#go('unsettled');
    this.#o.onChange();
  }

  /** Repeats rounds until one brings an assignment; null when the membership ended instead. */
  async join(owned: readonly TopicPartition[]): Promise<GroupAssignment | null> {
    this.#stopBeating();
    this.#wished = false;
    this.#go('joining');
    for (let attempt = 0; ; attempt += 1) {
      const assignment = await this.#round(owned, attempt);
      if (assignment !== 'again') return assignment;
      if (this.#state !== 'joining') return null;
    }
  }

  async #round(
    owned: readonly TopicPartition[],
    attempt: number,
  ): Promise<GroupAssignment | null | 'again'> {
    const { port, pauses } = this.#o;
    try {
      const end = await joinRound(port, {
        ...this.#o,
        memberId: this.#memberId,
        owned,
        ownedSince: this.#belongs ? this.#identity.generation : -1,
      });
      if (this.#state !== 'joining') return null;
      switch (end.kind) {
        case 'joined':
          return this.#settled(end.joined);
        case 'lost':
          return this.#lose(end.isKnown);
        case 'fenced':
          return this.#fence();
        case 'refused':
          throw kafkaErrorOf(end.error, refusal(this.#o.groupId), undefined, { retriable: false });
        case 'again':
          this.#memberId = end.memberId;
          if (end.pause || attempt > 2) await pauses.backOff(attempt);
          return 'again';
      }
    } catch (cause) {
      if (this.#state !== 'joining') return null;
      if (!(cause instanceof KafkaError && cause.retriable)) return this.#refused(cause);
      await pauses.backOff(attempt);
      return 'again';
    }
  }

  #settled({ generation, memberId, assignment, watch }: Joined): GroupAssignment {
    this.#memberId = memberId;
    this.#identity = { generation, memberId };
    this.#belongs = true;
    this.#watch = watch;
    this.#watchedAt = this.#o.clock.now();
    this.#go('stable');
    this.#beatLater(this.#o.heartbeatMs);
    if (this.#wished) this.requestRejoin();
    return assignment;
  }

  /** An error of the broker in some other request told that the membership is over. */
  noticed(error: number): void {
    if (this.#state !== 'stable' && this.#state !== 'unsettled') return;
    if (error === groupError.fencedInstanceId) this.#fence();
    else if (membershipOver(error)) this.#lose(error === groupError.illegalGeneration);
    else if (error === groupError.rebalanceInProgress) this.requestRejoin();
  }

  leave(): void {
    this.#stopBeating();
    if (this.#state !== 'left') this.#go('left');
  }

  #go(to: MembershipState): void {
    this.#state = step(this.#state, to);
  }

  /**
   * `isKnown`: the coordinator knows the member by its id still; under a new one it would wait for
   * the old until its session is over.
   */
  #lose(isKnown: boolean): null {
    this.#stopBeating();
    if (!isKnown) this.#memberId = '';
    this.#belongs = false;
    this.#lost = true;
    this.#watch = null;
    this.#go('outside');
    this.#o.onChange();
    return null;
  }

  /**
   * Another process runs under this instance id. Joining again would throw that one out, which
   * would then throw this one out: so it ends here.
   */
  #fence(): null {
    this.#lose(false);
    this.#fail(
      new KafkaError(
        'FENCED',
        `Another member of the group ${this.#o.groupId} uses the instance id ` +
          `${this.#o.instanceId}: give each process an id of its own.`,
        { kafkaCode: groupError.fencedInstanceId },
      ),
    );
    return null;
  }

  #fail(failure: KafkaError): void {
    this.#failure = failure;
    this.#go('failed');
    this.#o.onChange();
  }

  /** What no repetition cures. */
  #refused(cause: unknown): null {
    this.#fail(
      cause instanceof KafkaError
        ? cause
        : new KafkaError('KAFKA', `Joining the group ${this.#o.groupId} failed: ${cause}.`, {
            cause,
          }),
    );
    return null;
  }

  #beatLater(delayMs: number): void {
    this.#stopBeating();
    let stopped = false;
    const cancel = this.#o.clock.after(delayMs, () => void this.#beat(() => stopped));
    this.#stopBeating = () => {
      stopped = true;
      cancel();
    };
  }

  /** One heartbeat. What it finds after the next round began is no longer about this member. */
  async #beat(stopped: () => boolean): Promise<void> {
    const { groupId, instanceId, port, heartbeatMs, sessionMs } = this.#o;
    let error: number | null = null;
    try {
      ({ error } = await port.send(
        heartbeat,
        { groupId, instanceId, ...this.#identity },
        { held: true, timeoutMs: sessionMs },
      ));
      // Not awaited: a broker that does not answer must not hold the next heartbeat back.
      if (!stopped() && error === groupError.none) void this.#lookAtTopics();
    } catch {
      // No answer is no verdict: the coordinator will tell when it can be reached again.
    }
    if (stopped()) return;
    this.noticed(error ?? groupError.none);
    if (this.#state !== 'stable' && this.#state !== 'unsettled') return;
    const answered = error !== null && !coordinatorMoved(error);
    this.#beatLater(answered ? heartbeatMs : Math.min(heartbeatMs, againMs));
  }

  /**
   * The leader decided for the partitions that were: when there are others, it decides again. What
   * cannot be looked at now is looked at later.
   */
  async #lookAtTopics(): Promise<void> {
    const { clock, metadataCheckMs, port } = this.#o;
    const watch = this.#watch;
    if (watch === null || this.#isLooking || clock.now() - this.#watchedAt < metadataCheckMs)
      return;
    this.#watchedAt = clock.now();
    this.#isLooking = true;
    const now = await port.partitionCounts(watch.topics, true).catch(() => null);
    this.#isLooking = false;
    if (now === null || this.#watch !== watch) return;
    const changed = watch.topics.some((topic) => now.get(topic) !== watch.counts.get(topic));
    if (changed) this.requestRejoin();
  }
}

function refusal(groupId: string): string {
  return (
    `Joining the group ${groupId} was refused. Check the group's name, this client's rights, ` +
    'that all its members use one assignor, and that the session is as long as the broker allows.'
  );
}
