import { KafkaError } from '../../errors.ts';
import { partitionKey, type TopicPartition } from '../../model/topicPartition.ts';
import { withholdClaimed } from '../cooperative.ts';
import type {
  Fetched,
  GroupAssignment,
  GroupConsumer,
  GroupMetadata,
  GroupOptions,
  OffsetAndMetadata,
  PartitionOffset,
} from '../KafkaClient.ts';
import { checkThere, clientClosed, illegalGeneration, refused } from './answers.ts';
import type { Link } from './Link.ts';
import type { JoinAnswer, JoinRequest, MemoryGroup } from './MemoryGroup.ts';
import { type FindLog, MemoryReader } from './MemoryReader.ts';

const retryMs = 100;
const stableWaitMs = 60_000;

/** What a member sees of the cluster. */
export interface GroupHome {
  readonly find: FindLog;
  has(tp: TopicPartition): boolean;
  group(groupId: string): MemoryGroup;
  partitionCounts(topics: readonly string[]): ReadonlyMap<string, number>;
}

/** A rebalance this member takes part in, from JoinGroup to the answer of SyncGroup. */
interface Round {
  outcome: { readonly assignment: GroupAssignment } | { readonly error: unknown } | null;
  readonly ended: Promise<void>;
}

/**
 * A member of a group. The round trip of a rebalance runs aside, so that polls go on bringing what
 * is kept; callbacks run inside `poll`.
 */
export class MemoryGroupConsumer implements GroupConsumer {
  readonly #link: Link;
  readonly #home: GroupHome;
  readonly #options: Required<Pick<GroupOptions, 'sessionMs' | 'rebalanceMs' | 'heartbeatMs'>> &
    GroupOptions;
  readonly #instanceId: string | null;
  readonly #reader: MemoryReader;
  readonly #offLink: () => void;
  readonly #onClose: () => void;

  /** The id to join with; empty when the coordinator shall give one. */
  #memberId = '';
  /** Since when what it owns is owned; -1: owns nothing. */
  #generation = -1;
  /** Who it is, or was last: a late commit must be refused, not taken for an outsider's. */
  #identity: { readonly memberId: string; readonly generation: number } = {
    memberId: '',
    generation: -1,
  };
  #owned: readonly TopicPartition[] = [];
  #counts: ReadonlyMap<string, number> = new Map();
  #isLeader = false;
  #wantsRejoin = true;
  #isLost = false;
  #fatal: KafkaError | null = null;
  #round: Round | null = null;
  #isWoken = false;
  #isClosed = false;
  #cancelHeartbeat: () => void = () => {};

  constructor(link: Link, home: GroupHome, o: GroupOptions, onClose: () => void) {
    this.#link = link;
    this.#home = home;
    this.#onClose = onClose;
    const { sessionMs = 10_000, rebalanceMs = 60_000 } = o;
    const { heartbeatMs = Math.ceil(sessionMs / 3) } = o;
    this.#options = { ...o, sessionMs, rebalanceMs, heartbeatMs };
    this.#instanceId = o.instanceId ?? null;
    this.#reader = new MemoryReader(link, home.find, o);
    this.#offLink = link.onEnd(() => this.#end());
  }

  get isRejoining(): boolean {
    return this.#wantsRejoin || this.#isLost || this.#isInRound;
  }

  seek(tp: TopicPartition, offset: number): void {
    this.#reader.seek(tp, offset);
  }

  position(tp: TopicPartition): number {
    return this.#reader.position(tp);
  }

  pause(tps: readonly TopicPartition[]): void {
    this.#reader.pause(tps);
  }

  resume(tps: readonly TopicPartition[]): void {
    this.#reader.resume(tps);
  }

  wakeup(): void {
    this.#isWoken = true;
    this.#reader.wakeup();
  }

  requestRejoin(): void {
    this.#wantsRejoin = true;
    this.#reader.wakeup();
  }

  groupMetadata(): GroupMetadata {
    return {
      groupId: this.#options.groupId,
      ...this.#identity,
      instanceId: this.#instanceId,
    };
  }

  async poll(maxWaitMs: number): Promise<readonly Fetched[]> {
    const until = this.#link.clock.now() + maxWaitMs;
    this.#isWoken = false;
    for (;;) {
      await this.#keepUp();
      if (this.#isDue && !this.#isClosed) continue;
      const waitMs = this.#isWoken ? 0 : Math.max(0, until - this.#link.clock.now());
      const fetched = await this.#reader.poll(waitMs);
      const isInterrupted = this.#isDue && waitMs > 0 && !this.#isWoken && !this.#isClosed;
      if (fetched.length > 0 || !isInterrupted) return fetched;
    }
  }

  async committed(
    tps: readonly TopicPartition[],
    o: { readonly requireStable?: boolean } = {},
  ): Promise<ReadonlyMap<string, OffsetAndMetadata>> {
    const { groupId } = this.#options;
    return this.#link.call('offset-fetch', groupId, () => {
      const { offsets } = this.#group;
      return o.requireStable && !offsets.isStable(tps) ? this.#whenStable(tps) : offsets.of(tps);
    });
  }

  async commit(offsets: readonly PartitionOffset[]): Promise<void> {
    const { groupId } = this.#options;
    // Between JoinGroup and the answer to SyncGroup brokers refuse both generations.
    while (this.#isInRound) await this.#round?.ended;
    if (this.#isClosed && this.#link.isOpen) throw clientClosed('commit');
    if (this.#isLost || this.#generation < 0) throw illegalGeneration(groupId);
    const { memberId, generation } = this.#identity;
    await this.#link.call('offset-commit', groupId, () => {
      this.#group.checkCommit(memberId, generation, this.#instanceId, false);
      // Brokers commit what they can.
      this.#group.offsets.commit(offsets.filter((offset) => this.#home.has(offset)));
      checkThere(offsets, this.#home);
    });
  }

  async close(o: { readonly remain?: boolean } = {}): Promise<void> {
    if (this.#isClosed) return;
    this.#end();
    this.#offLink();
    this.#onClose();
    await this.#reader.close();
    const remains = o.remain ?? this.#instanceId !== null;
    if (remains || this.#memberId === '' || !this.#link.isOpen) return;
    const leave = (): void => this.#group.leave(this.#memberId);
    // Who cannot say goodbye is missed after the session timeout.
    await this.#link.call('leave-group', this.#options.groupId, leave).catch(() => undefined);
  }

  get #group(): MemoryGroup {
    return this.#home.group(this.#options.groupId);
  }

  /** True from JoinGroup to the answer of SyncGroup. */
  get #isInRound(): boolean {
    return this.#round !== null && this.#round.outcome === null;
  }

  /** True when a callback or a join waits for the next poll. */
  get #isDue(): boolean {
    if (this.#fatal !== null || this.#isLost) return true;
    return this.#round === null ? this.#wantsRejoin : this.#round.outcome !== null;
  }

  async #keepUp(): Promise<void> {
    while (this.#isDue && !this.#isClosed) {
      if (this.#fatal !== null) throw this.#fatal;
      if (this.#isLost) await this.#lose();
      else if (this.#round !== null) await this.#finish(this.#round);
      else await this.#begin();
    }
  }

  async #lose(): Promise<void> {
    this.#isLost = false;
    this.#cancelHeartbeat();
    this.#round = null;
    this.#wantsRejoin = true;
    this.#generation = -1;
    this.#reader.drop(this.#owned);
    this.#owned = [];
    await this.#options.onLost();
  }

  async #begin(): Promise<void> {
    await this.#options.onRejoin();
    if (this.#isLost || this.#isClosed || this.#fatal !== null) return;
    this.#wantsRejoin = false;
    this.#cancelHeartbeat();
    const end = (outcome: Round['outcome']): void => {
      round.outcome = outcome;
      this.#reader.wakeup();
    };
    const ended = this.#joinAndSync().then(
      (assignment) => end({ assignment }),
      (error: unknown) => end({ error }),
    );
    const round: Round = { outcome: null, ended };
    this.#round = round;
  }

  async #finish(round: Round): Promise<void> {
    this.#round = null;
    const { outcome } = round;
    if (outcome === null) return;
    if ('error' in outcome) await this.#recover(outcome.error);
    else await this.#apply(outcome.assignment);
  }

  async #recover(error: unknown): Promise<void> {
    this.#wantsRejoin = true;
    if (!(error instanceof KafkaError)) throw error;
    if (error.code === 'GROUP_GENERATION_LOST') {
      if (error.kafkaCode === 25) this.#memberId = '';
      this.#isLost = this.#generation >= 0;
    } else if (!error.retriable) {
      this.#fatal = error;
    } else if (error.kafkaCode !== 27) {
      await this.#link.sleep(retryMs);
    }
  }

  async #apply(assignment: GroupAssignment): Promise<void> {
    const before = new Set(this.#owned.map(partitionKey));
    const now = new Set(assignment.partitions.map(partitionKey));
    const added = assignment.partitions.filter((tp) => !before.has(partitionKey(tp)));
    const revoked = this.#owned.filter((tp) => !now.has(partitionKey(tp)));
    this.#owned = assignment.partitions;
    this.#reader.drop(revoked);
    this.#reader.add(added.map(({ topic, partition }) => ({ topic, partition, offset: -1 })));
    try {
      await this.#options.onAssigned({ added, revoked, userData: assignment.userData });
    } finally {
      // What was given up may now go to its new owner, whatever became of it here.
      if (revoked.length > 0) this.#wantsRejoin = true;
    }
  }

  async #joinAndSync(): Promise<GroupAssignment> {
    const { groupId, topics } = this.#options;
    const joined = await this.#link.call('join-group', groupId, () => {
      if (this.#memberId === '') this.#memberId = this.#group.newMemberId(this.#link.clientId);
      return this.#group.join(this.#joinRequest());
    });
    this.#isLeader = joined.isLeader;
    const read = new Set([...topics, ...joined.members.flatMap((member) => member.topics)]);
    this.#counts = this.#home.partitionCounts([...read]);
    const assigns = joined.isLeader && !joined.keepsAssignment;
    const assignments = assigns ? this.#assign(joined) : new Map<string, GroupAssignment>();
    const assignment = await this.#link.call('sync-group', groupId, () => {
      return this.#group.sync(this.#memberId, joined.generation, assignments);
    });
    this.#generation = joined.generation;
    this.#identity = { memberId: joined.memberId, generation: joined.generation };
    if (!this.#isClosed) this.#beatLater(joined.generation);
    return assignment;
  }

  #joinRequest(): JoinRequest {
    const { topics, assignor, sessionMs, rebalanceMs } = this.#options;
    return {
      memberId: this.#memberId,
      instanceId: this.#instanceId,
      clientId: this.#link.clientId,
      protocol: assignor.name,
      sessionMs,
      rebalanceMs,
      metadata: {
        topics,
        owned: this.#owned,
        userData: assignor.userData(),
        generation: this.#generation,
      },
    };
  }

  #assign({ members }: JoinAnswer): Map<string, GroupAssignment> {
    return withholdClaimed(this.#options.assignor.assign(members, this.#counts), members);
  }

  #beatLater(generation: number): void {
    this.#cancelHeartbeat();
    this.#cancelHeartbeat = this.#link.clock.after(this.#options.heartbeatMs, () => {
      void this.#beat(generation);
    });
  }

  async #beat(generation: number): Promise<void> {
    const isOver = (): boolean => {
      return generation !== this.#generation || this.#isClosed || this.#isInRound;
    };
    try {
      await this.#link.call('heartbeat', this.#options.groupId, () => {
        this.#group.heartbeat(this.#memberId, generation, this.#instanceId);
      });
    } catch (error) {
      if (!isOver() && error instanceof KafkaError && !this.#listen(error)) return;
    }
    if (isOver()) return;
    if (this.#isLeader && this.#topicsChanged()) this.requestRejoin();
    this.#beatLater(generation);
  }

  /** What the coordinator has to say; false when this membership is over. */
  #listen(error: KafkaError): boolean {
    if (error.kafkaCode === 27) this.requestRejoin();
    if (error.retriable) return true;
    if (error.code === 'GROUP_GENERATION_LOST') {
      if (error.kafkaCode === 25) this.#memberId = '';
      this.#isLost = true;
    } else {
      this.#fatal = error;
    }
    this.#reader.wakeup();
    return false;
  }

  #topicsChanged(): boolean {
    const counts = this.#home.partitionCounts([...this.#counts.keys(), ...this.#options.topics]);
    if (counts.size !== this.#counts.size) return true;
    return [...counts].some(([topic, count]) => this.#counts.get(topic) !== count);
  }

  #whenStable(tps: readonly TopicPartition[]): Promise<Map<string, OffsetAndMetadata>> {
    const { offsets } = this.#group;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        reject(refused(88, 'A transaction holds these offsets for too long: fence its producer'));
      };
      const cancel = this.#link.clock.after(stableWaitMs, giveUp);
      const offLink = this.#link.onEnd(cancel);
      const look = (): void => {
        if (!offsets.isStable(tps)) {
          void offsets.settled().then(look);
          return;
        }
        cancel();
        offLink();
        resolve(offsets.of(tps));
      };
      look();
    });
  }

  #end(): void {
    this.#isClosed = true;
    this.#cancelHeartbeat();
  }
}
