import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import { type PartitionError, readTopics, writeTopics } from './topicArrays.ts';

/**
 * ListOffsets request v5: replica_id INT32 (-1), isolation_level INT8 (1: read committed), [topics]
 *   topics: name STRING, [partitions]
 *   partitions: partition_index INT32, current_leader_epoch INT32 (-1: not checked),
 *               timestamp INT64 (-1: the end, -2: the start)
 *
 * ListOffsets response v5: throttle_time_ms INT32, [topics]
 *   topics: name STRING, [partitions]
 *   partitions: partition_index INT32, error_code INT16, timestamp INT64, offset INT64 (-1: none),
 *               leader_epoch INT32
 */
export const listOffsetsVersion = 5;

export interface ListedOffset extends PartitionError {
  readonly offset: number;
}

export function encodeListOffsets(
  writer: ProtocolWriter,
  isCommittedOnly: boolean,
  timestamp: number,
  partitions: readonly TopicPartition[],
): void {
  writer.int32(-1).int8(isCommittedOnly ? 1 : 0);
  writeTopics(writer, partitions, ({ partition }) => {
    writer.int32(partition).int32(-1).int64(timestamp);
  });
}

export function decodeListOffsets(reader: ProtocolReader): readonly ListedOffset[] {
  reader.int32();
  return readTopics(reader, (topic) => {
    const partition = reader.int32();
    const errorCode = reader.int16();
    reader.int64();
    const offset = reader.int64();
    reader.int32();
    return { topic, partition, errorCode, offset };
  });
}
