import type { PartitionOffset } from '../../KafkaClient.ts';
import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import { type PartitionError, readTopics, writeTopics } from './topicArrays.ts';

/**
 * DeleteRecords request v1: [topics], timeout_ms INT32
 *   topics: name STRING, [partitions]
 *   partitions: partition_index INT32, offset INT64 (-1: all)
 *
 * DeleteRecords response v1: throttle_time_ms INT32, [topics]
 *   topics: name STRING, [partitions]
 *   partitions: partition_index INT32, low_watermark INT64, error_code INT16
 */
export const deleteRecordsVersion = 1;

export function encodeDeleteRecords(
  writer: ProtocolWriter,
  before: readonly PartitionOffset[],
  timeoutMs: number,
): void {
  writeTopics(writer, before, ({ partition, offset }) => writer.int32(partition).int64(offset));
  writer.int32(timeoutMs);
}

export function decodeDeleteRecords(reader: ProtocolReader): readonly PartitionError[] {
  reader.int32();
  return readTopics(reader, (topic) => {
    const partition = reader.int32();
    reader.int64();
    return { topic, partition, errorCode: reader.int16() };
  });
}
