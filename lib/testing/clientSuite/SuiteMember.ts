import type {
  GroupAssignment,
  GroupConsumer,
  GroupMember,
  GroupOptions,
  KafkaConnection,
  LogRecord,
} from '../../client/KafkaClient.ts';
import { partitionKey, type TopicPartition } from '../../model/topicPartition.ts';
import { bytes, text } from './check.ts';
import type { MemberPlace, SuiteKit } from './SuiteKit.ts';

/** Gives each member its share, and lets it keep what it has as far as that allows. */
export function stickyAssign(
  members: readonly GroupMember[],
  counts: ReadonlyMap<string, number>,
): Map<string, GroupAssignment> {
  const all = [...counts].sort().flatMap(([topic, count]) => {
    return Array.from({ length: count }, (_, partition): TopicPartition => ({ topic, partition }));
  });
  const sorted = [...members].sort((a, b) => (text(a.userData) < text(b.userData) ? -1 : 1));
  const most = Math.ceil(all.length / members.length);
  const shares = sorted.map(({ owned }) => {
    const mine = new Set(owned.map(partitionKey));
    return all.filter((tp) => mine.has(partitionKey(tp))).slice(0, most);
  });
  const taken = new Set(shares.flat().map(partitionKey));
  for (const tp of all) {
    if (taken.has(partitionKey(tp))) continue;
    shares.reduce((a, b) => (b.length < a.length ? b : a)).push(tp);
  }
  const names = sorted.map(({ userData }) => text(userData)).join('+');
  return new Map(
    sorted.map(({ memberId, userData }, i) => {
      const note = bytes(`${text(userData)} of ${names}`);
      return [memberId, { partitions: shares[i] ?? [], userData: note }];
    }),
  );
}

/** A member of a group with a loop of its own, that notes what happens to it. */
export class SuiteMember {
  readonly name: string;
  readonly consumer: GroupConsumer;
  /** What happened, in order: `rejoin`, `+t-0`, `-t-0`, `lost`. */
  readonly events: string[] = [];
  readonly records: LogRecord[] = [];
  /** The user data of each assignment. */
  readonly notes: string[] = [];
  readonly #owned: Map<string, TopicPartition> = new Map();
  #error: unknown = null;
  #running: Promise<void> | null = null;
  #isStopped = false;

  constructor(
    name: string,
    kit: SuiteKit,
    connection: KafkaConnection,
    o: Partial<GroupOptions> & MemberPlace,
  ) {
    this.name = name;
    const assignor = { name: 'suite', userData: () => bytes(name), assign: stickyAssign };
    this.consumer = connection.group({
      isolation: 'read-uncommitted',
      assignor,
      sessionMs: Math.max(kit.sessionMs, 1000),
      heartbeatMs: 100,
      ...o,
      onRejoin: async () => {
        this.events.push('rejoin');
        await o.onRejoin?.();
      },
      onAssigned: async (a) => {
        await this.#assign(a);
        await o.onAssigned?.(a);
      },
      onLost: async () => {
        this.events.push('lost');
        this.#owned.clear();
        await o.onLost?.();
      },
    });
  }

  /** The keys of what it owns, sorted. */
  get owned(): readonly string[] {
    return [...this.#owned.keys()].sort();
  }

  /** Starts polling. */
  start(): this {
    this.#isStopped = false;
    this.#running = this.#loop();
    return this;
  }

  /** Stops polling, as a thread that hangs; heartbeats go on. */
  async pause(): Promise<void> {
    this.#isStopped = true;
    this.consumer.wakeup();
    await this.#running;
  }

  async stop(o: { readonly remain?: boolean } = {}): Promise<void> {
    await this.pause();
    await this.consumer.close(o);
  }

  /** What its loop ended with, if it did. */
  get error(): unknown {
    return this.#error;
  }

  throwIfFailed(): void {
    if (this.#error !== null) throw new Error(`Member ${this.name} failed`, { cause: this.#error });
  }

  async #assign(a: Parameters<GroupOptions['onAssigned']>[0]): Promise<void> {
    this.notes.push(text(a.userData));
    for (const tp of a.revoked) {
      this.events.push(`-${partitionKey(tp)}`);
      this.#owned.delete(partitionKey(tp));
    }
    if (a.added.length === 0) return;
    const committed = await this.consumer.committed(a.added);
    for (const tp of a.added) {
      this.events.push(`+${partitionKey(tp)}`);
      this.#owned.set(partitionKey(tp), tp);
      this.consumer.seek(tp, committed.get(partitionKey(tp))?.offset ?? 0);
    }
  }

  async #loop(): Promise<void> {
    try {
      while (!this.#isStopped) {
        for (const { records } of await this.consumer.poll(100)) this.records.push(...records);
      }
    } catch (error) {
      this.#error = error;
    }
  }
}
