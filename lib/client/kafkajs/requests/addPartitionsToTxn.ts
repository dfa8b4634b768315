import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import type { ProducerIdentity } from './initProducerId.ts';
import { type PartitionError, readTopics, writeTopics } from './topicArrays.ts';

/**
 * AddPartitionsToTxn request v2: transactional_id STRING, producer_id INT64, producer_epoch INT16,
 * [topics]
 *   topics: name STRING, [partitions] INT32
 *
 * AddPartitionsToTxn response v2: throttle_time_ms INT32, [results]
 *   results: name STRING, [partitions]
 *   partitions: partition_index INT32, error_code INT16
 */
export const addPartitionsToTxnVersion = 2;

export function encodeAddPartitionsToTxn(
  writer: ProtocolWriter,
  transactionalId: string,
  { producerId, producerEpoch }: ProducerIdentity,
  partitions: readonly TopicPartition[],
): void {
  writer.string(transactionalId).int64(producerId).int16(producerEpoch);
  writeTopics(writer, partitions, ({ partition }) => writer.int32(partition));
}

export function decodeAddPartitionsToTxn(reader: ProtocolReader): readonly PartitionError[] {
  reader.int32();
  return readTopics(reader, (topic) => ({
    topic,
    partition: reader.int32(),
    errorCode: reader.int16(),
  }));
}
