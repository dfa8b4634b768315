import type { GroupConsumer, KafkaConnection, OffsetSpec } from '../client/KafkaClient.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import { decodeOffsetMetadata } from './offsetMetadata.ts';
import type { StreamTask } from './StreamTask.ts';

/**
 * Where a task begins to read: the committed offset, else where the options say. Under transactions
 * it first ends what a vanished owner left open, as nobody could read past it before its timeout.
 */
export class StartPositions {
  readonly #o: {
    readonly connection: KafkaConnection;
    readonly consumer: GroupConsumer;
    readonly startFrom: OffsetSpec;
    readonly ownId: string | null;
    readonly livingIds: () => readonly string[];
    readonly isTransactional: boolean;
  };
  readonly #fenced = new Set<string>();
  readonly #repartitions = new Set<string>();

  constructor(o: {
    readonly connection: KafkaConnection;
    readonly consumer: GroupConsumer;
    readonly startFrom: OffsetSpec;
    readonly ownId: string | null;
    readonly livingIds: () => readonly string[];
    readonly isTransactional: boolean;
  }) {
    this.#o = o;
  }

  async find(task: StreamTask): Promise<void> {
    const { buffers } = task.group;
    const tps = buffers.map(({ topic, partition }) => ({ topic, partition }));
    for (const { input } of buffers) {
      if (input.repartition !== null) this.#repartitions.add(input.topic);
    }
    const { consumer, isTransactional } = this.#o;
    if (isTransactional) await this.#fence(tps);
    const committed = await consumer.committed(tps, { requireStable: isTransactional });
    for (const buffer of buffers) {
      const at = committed.get(buffer.key);
      if (at === undefined) buffer.seek(await this.first(buffer));
      else buffer.resume(at.offset, at.metadata);
    }
  }

  /** Where to begin when nothing is committed, or what was committed is gone. */
  async first(tp: TopicPartition): Promise<number> {
    const { connection, startFrom } = this.#o;
    const { topic, partition } = tp;
    const at = this.#repartitions.has(topic) ? 'earliest' : startFrom;
    const offsets = await connection.admin.listOffsets([{ topic, partition }], at);
    return offsets.get(partitionKey(tp)) ?? 0;
  }

  async #fence(tps: readonly TopicPartition[]): Promise<void> {
    const { connection, consumer, ownId, livingIds } = this.#o;
    const committed = await consumer.committed(tps);
    const living = livingIds();
    for (const { metadata } of committed.values()) {
      const id = decodeOffsetMetadata(metadata)?.transactionalId ?? null;
      if (id === null || id === ownId || living.includes(id) || this.#fenced.has(id)) continue;
      const producer = connection.producer({ transactionalId: id });
      await producer.init();
      await producer.close();
      this.#fenced.add(id);
    }
  }
}
