import type { GroupMetadata, PartitionOffset } from '../../KafkaClient.ts';
import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import type { ProducerIdentity } from './initProducerId.ts';
import { byTopic, type PartitionError } from './topicArrays.ts';

/**
 * TxnOffsetCommit request v3 (flexible): transactional_id COMPACT_STRING, group_id COMPACT_STRING,
 * producer_id INT64, producer_epoch INT16, generation_id INT32, member_id COMPACT_STRING,
 * group_instance_id COMPACT_NULLABLE_STRING, [topics], tags
 *   topics: name COMPACT_STRING, [partitions], tags
 *   partitions: partition_index INT32, committed_offset INT64, committed_leader_epoch INT32 (-1),
 *               committed_metadata COMPACT_NULLABLE_STRING, tags
 *
 * TxnOffsetCommit response v3: throttle_time_ms INT32, [topics], tags
 *   topics: name COMPACT_STRING, [partitions], tags
 *   partitions: partition_index INT32, error_code INT16, tags
 */
export const txnOffsetCommitVersion = 3;

export function encodeTxnOffsetCommit(
  writer: ProtocolWriter,
  transactionalId: string,
  { producerId, producerEpoch }: ProducerIdentity,
  group: GroupMetadata,
  offsets: readonly PartitionOffset[],
): void {
  writer.compactString(transactionalId).compactString(group.groupId);
  writer.int64(producerId).int16(producerEpoch).int32(group.generation);
  writer.compactString(group.memberId).compactNullableString(group.instanceId);
  writer.compactArray([...byTopic(offsets)], ([topic, partitions]) => {
    writer.compactString(topic);
    writer.compactArray(partitions, ({ partition, offset, metadata }) => {
      writer.int32(partition).int64(offset).int32(-1);
      writer.compactNullableString(metadata ?? '').noTags();
    });
    writer.noTags();
  });
  writer.noTags();
}

export function decodeTxnOffsetCommit(reader: ProtocolReader): readonly PartitionError[] {
  reader.int32();
  const results: PartitionError[] = [];
  reader.compactArray(() => {
    const topic = reader.compactString();
    reader.compactArray(() => {
      results.push({ topic, partition: reader.int32(), errorCode: reader.int16() });
      reader.skipTags();
    });
    reader.skipTags();
  });
  return results;
}
