import { balancedAssignor } from '../../../../lib/client/balancedAssignor.ts';
import type {
  Fetched,
  GroupConsumer,
  KafkaConnection,
  Producer,
} from '../../../../lib/client/KafkaClient.ts';
import { KafkaError } from '../../../../lib/errors.ts';
import { partitionKey, type TopicPartition } from '../../../../lib/model/topicPartition.ts';
import { Pauses } from './Pauses.ts';

export interface CopierOptions {
  readonly connection: KafkaConnection;
  readonly from: string;
  readonly to: string;
  readonly groupId: string;
  readonly transactionalId: string;
}

/** Copies a topic exactly once: as a group's member, each poll one transaction with its offsets. */
export class Copier {
  readonly committed: Pauses = new Pauses();
  commits = 0;
  aborts = 0;
  producers = 0;
  failure: unknown = null;
  readonly #o: CopierOptions;
  readonly #member: GroupConsumer;
  readonly #owned = new Map<string, TopicPartition>();
  #producer: Producer | null = null;
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(o: CopierOptions) {
    this.#o = o;
    const { connection, groupId, from } = o;
    this.#member = connection.group({
      groupId,
      topics: [from],
      assignor: balancedAssignor,
      isolation: 'read-committed',
      sessionMs: 6_000,
      heartbeatMs: 500,
      maxPartitionBytes: 65_536,
      onRejoin: async () => {},
      onAssigned: async ({ added, revoked }) => {
        for (const tp of revoked) this.#owned.delete(partitionKey(tp));
        for (const tp of added) this.#owned.set(partitionKey(tp), tp);
        await this.#goToCommitted(added);
      },
      onLost: async () => this.#owned.clear(),
    });
  }

  start(): void {
    this.#running = this.#run().catch((error) => {
      this.failure = error;
    });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#member.wakeup();
    await this.#running;
    await this.#member.close();
    await this.#producer?.close();
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const fetched = (await this.#member.poll(500)).filter(({ records }) => records.length > 0);
      if (fetched.length === 0) continue;
      try {
        await this.#copy(await this.#ready(), fetched);
        this.commits++;
        this.committed.came();
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  async #ready(): Promise<Producer> {
    if (this.#producer !== null) return this.#producer;
    const { connection, transactionalId } = this.#o;
    const producer = connection.producer({ transactionalId, transactionTimeoutMs: 20_000 });
    this.#producer = producer;
    this.producers++;
    await producer.init();
    return producer;
  }

  async #copy(producer: Producer, fetched: readonly Fetched[]): Promise<void> {
    const { to: topic } = this.#o;
    producer.begin();
    void producer
      .send(
        fetched.map(({ partition, records }) => ({
          topic,
          partition,
          records: records.map(({ value, timestamp }) => ({ key: null, value, timestamp })),
        })),
      )
      .catch(() => {});
    const offsets = fetched.map(({ topic: from, partition, nextOffset }) => ({
      topic: from,
      partition,
      offset: nextOffset,
    }));
    await producer.sendOffsets(offsets, this.#member.groupMetadata());
    await producer.commit();
  }

  /** Undoes the transaction, by a new producer where this one is of no use; and reads it again. */
  async #recover(error: unknown): Promise<void> {
    if (!(error instanceof KafkaError)) throw error;
    this.aborts++;
    try {
      if (!error.abortable && !error.retriable) throw error;
      await this.#producer?.abort();
    } catch {
      await this.#producer?.close();
      this.#producer = null;
      await this.#ready();
    }
    await this.#goToCommitted([...this.#owned.values()]);
  }

  async #goToCommitted(tps: readonly TopicPartition[]): Promise<void> {
    if (tps.length === 0) return;
    const found = await this.#member.committed(tps, { requireStable: true });
    for (const tp of tps) this.#member.seek(tp, found.get(partitionKey(tp))?.offset ?? 0);
  }
}
