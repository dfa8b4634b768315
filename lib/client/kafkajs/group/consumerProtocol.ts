import { Buffer } from 'node:buffer';
import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { GroupAssignment } from '../../KafkaClient.ts';
import { ProtocolReader } from '../protocol/Reader.ts';
import { ProtocolWriter } from '../protocol/Writer.ts';

/**
 * What members and their leader tell each other inside JoinGroup and SyncGroup, in the form of
 * Kafka's own consumers, so that Kafka's tools can show it. A version only adds fields at the end:
 * a reader takes the fields it knows and leaves the rest.
 *
 * Subscription: version INT16, topics ARRAY STRING, user_data NULLABLE_BYTES,
 * v1: owned_partitions ARRAY { topic STRING, partitions ARRAY INT32 }, v2: generation_id INT32,
 * v3: rack_id NULLABLE_STRING
 *
 * Assignment: version INT16, assigned_partitions ARRAY { topic STRING, partitions ARRAY INT32 },
 * user_data NULLABLE_BYTES
 */
export interface Subscription {
  readonly topics: readonly string[];
  readonly userData: Uint8Array;
  readonly owned: readonly TopicPartition[];
  /** The generation that gave `owned`; -1: none, or not told. */
  readonly generation: number;
  readonly rack: string | null;
}

const subscriptionVersion = 3;
const assignmentVersion = 3;

export function encodeSubscription(subscription: Subscription): Uint8Array {
  const writer = new ProtocolWriter();
  writer
    .int16(subscriptionVersion)
    .array(subscription.topics, (topic, w) => w.string(topic))
    .nullableBytes(subscription.userData);
  writePartitions(writer, subscription.owned);
  writer.int32(subscription.generation).nullableString(subscription.rack);
  return writer.bytes();
}

export function decodeSubscription(bytes: Uint8Array): Subscription {
  const reader = readerOf(bytes);
  const version = reader.int16();
  const topics = reader.array((r) => r.string());
  const userData = copyOf(reader.nullableBytes());
  const owned = version >= 1 ? readPartitions(reader) : [];
  const generation = version >= 2 ? reader.int32() : -1;
  const rack = version >= 3 ? reader.nullableString() : null;
  return { topics, userData, owned, generation, rack };
}

export function encodeAssignment(assignment: GroupAssignment): Uint8Array {
  const writer = new ProtocolWriter();
  writer.int16(assignmentVersion);
  writePartitions(writer, assignment.partitions);
  writer.nullableBytes(assignment.userData);
  return writer.bytes();
}

/** No bytes at all mean that nothing is assigned. */
export function decodeAssignment(bytes: Uint8Array): GroupAssignment {
  if (bytes.length === 0) return { partitions: [], userData: new Uint8Array(0) };
  const reader = readerOf(bytes);
  reader.int16();
  const partitions = readPartitions(reader);
  return { partitions, userData: copyOf(reader.nullableBytes()) };
}

function writePartitions(writer: ProtocolWriter, partitions: readonly TopicPartition[]): void {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const sameTopic = byTopic.get(topic);
    if (sameTopic === undefined) byTopic.set(topic, [partition]);
    else sameTopic.push(partition);
  }
  writer.array([...byTopic], ([topic, numbers], w) =>
    w.string(topic).array(numbers, (partition) => w.int32(partition)),
  );
}

function readPartitions(reader: ProtocolReader): readonly TopicPartition[] {
  return reader
    .array((r) => {
      const topic = r.string();
      return r.array(() => ({ topic, partition: r.int32() }));
    })
    .flat();
}

function readerOf(bytes: Uint8Array): ProtocolReader {
  return new ProtocolReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
}

function copyOf(bytes: Uint8Array | null): Uint8Array {
  return bytes === null ? new Uint8Array(0) : new Uint8Array(bytes);
}
