import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import { readTopics, writeTopics } from './topicArrays.ts';

/**
 * Produce request v8: transactional_id NULLABLE_STRING, acks INT16 (-1: all in-sync replicas),
 * timeout_ms INT32, [topics]
 *   topics: name STRING, [partitions]
 *   partitions: index INT32, records NULLABLE_BYTES (one record batch)
 *
 * Produce response v8: [topics], throttle_time_ms INT32
 *   topics: name STRING, [partitions]
 *   partitions: index INT32, error_code INT16, base_offset INT64, log_append_time_ms INT64,
 *               log_start_offset INT64, [record_errors], error_message NULLABLE_STRING
 *   record_errors: batch_index INT32, batch_index_error_message NULLABLE_STRING
 */
export const produceVersion = 8;

export interface ProducePartition extends TopicPartition {
  readonly bytes: Uint8Array;
}

export interface ProducedPartition extends TopicPartition {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly baseOffset: number;
}

export interface ProduceResponse {
  readonly partitions: readonly ProducedPartition[];
  readonly throttleMs: number;
}

export function encodeProduce(
  writer: ProtocolWriter,
  transactionalId: string | null,
  timeoutMs: number,
  batches: readonly ProducePartition[],
): void {
  writer.nullableString(transactionalId).int16(-1).int32(timeoutMs);
  writeTopics(writer, batches, ({ partition, bytes }) => {
    writer.int32(partition).byteArray(bytes);
  });
}

export function decodeProduce(reader: ProtocolReader): ProduceResponse {
  const partitions = readTopics(reader, (topic) => decodePartition(reader, topic));
  return { partitions, throttleMs: reader.int32() };
}

function decodePartition(reader: ProtocolReader, topic: string): ProducedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const baseOffset = reader.int64();
  reader.int64();
  reader.int64();
  let recordMessage: string | null = null;
  reader.array(() => {
    const index = reader.int32();
    const message = reader.nullableString();
    recordMessage ??= `record ${index} of the batch: ${message ?? 'refused'}`;
  });
  const message = reader.nullableString();
  return { topic, partition, errorCode, errorMessage: recordMessage ?? message, baseOffset };
}
