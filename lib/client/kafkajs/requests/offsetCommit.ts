import type { PartitionOffset } from '../../KafkaClient.ts';
import { kafkaErrorOf } from '../kafkaErrors.ts';
import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';

/**
 * OffsetCommit request v7: group_id STRING, generation_id INT32, member_id STRING,
 * group_instance_id NULLABLE_STRING, topics ARRAY { name STRING, partitions ARRAY {
 *   partition INT32, committed_offset INT64, leader_epoch INT32, metadata NULLABLE_STRING } }
 *
 * OffsetCommit response v7: throttle_time_ms INT32,
 * topics ARRAY { name STRING, partitions ARRAY { partition INT32, error_code INT16 } }
 */
export const offsetCommitVersion = 7;

export interface OffsetCommitRequest {
  readonly groupId: string;
  /** -1 with an empty member id: from outside the group, which then must have no members. */
  readonly generation: number;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly offsets: readonly PartitionOffset[];
}

export interface OffsetCommitResponse {
  /** The first partition's error that is one; 0: all are committed. */
  readonly error: number;
  readonly topic: string;
  readonly partition: number;
}

export function encodeOffsetCommit(writer: ProtocolWriter, request: OffsetCommitRequest): void {
  const byTopic = new Map<string, PartitionOffset[]>();
  for (const offset of request.offsets) {
    const sameTopic = byTopic.get(offset.topic);
    if (sameTopic === undefined) byTopic.set(offset.topic, [offset]);
    else sameTopic.push(offset);
  }
  writer
    .string(request.groupId)
    .int32(request.generation)
    .string(request.memberId)
    .nullableString(request.instanceId)
    .array([...byTopic], ([topic, offsets], w) =>
      w.string(topic).array(offsets, ({ partition, offset, metadata }) =>
        w
          .int32(partition)
          .int64(offset)
          .int32(-1)
          .nullableString(fitting(metadata ?? '', topic, partition)),
      ),
    );
}

/** A broker refuses more than 4 KiB; what does not fit into the request never reaches it. */
function fitting(metadata: string, topic: string, partition: number): string {
  // Of 32,767 bytes, a character takes three at most.
  if (metadata.length * 3 <= 32_767 || new TextEncoder().encode(metadata).length <= 32_767) {
    return metadata;
  }
  throw kafkaErrorOf(12, 'Brokers keep 4,096 bytes of metadata with an offset. Give it less.', {
    topic,
    partition,
  });
}

export function decodeOffsetCommit(reader: ProtocolReader): OffsetCommitResponse {
  reader.int32();
  let first: OffsetCommitResponse = { error: 0, topic: '', partition: -1 };
  reader.array((r) => {
    const topic = r.string();
    r.array(() => {
      const partition = r.int32();
      const error = r.int16();
      if (first.error === 0 && error !== 0) first = { error, topic, partition };
    });
  });
  return first;
}
