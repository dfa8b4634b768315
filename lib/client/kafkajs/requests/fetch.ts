import type { Buffer } from 'node:buffer';
import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import type { AbortedTransaction } from '../records/AbortedTransactions.ts';
import { readTopics, writeTopics } from './topicArrays.ts';

/**
 * Fetch request v11: replica_id INT32 (-1: a client), max_wait_ms INT32, min_bytes INT32, max_bytes
 * INT32, isolation_level INT8 (1: read committed), session_id INT32 (0), session_epoch INT32 (-1:
 * no session), [topics], [forgotten_topics_data], rack_id STRING
 *   topics: topic STRING, [partitions]
 *   partitions: partition INT32, current_leader_epoch INT32, fetch_offset INT64,
 *               log_start_offset INT64 (-1), partition_max_bytes INT32
 *
 * Fetch response v11: throttle_time_ms INT32, error_code INT16, session_id INT32, [responses]
 *   responses: topic STRING, [partitions]
 *   partitions: partition_index INT32, error_code INT16, high_watermark INT64, last_stable_offset
 *   INT64,
 *               log_start_offset INT64, [aborted_transactions] NULLABLE, preferred_read_replica
 *               INT32, records NULLABLE_BYTES
 *   aborted_transactions: producer_id INT64, first_offset INT64
 */
export const fetchVersion = 11;

export interface FetchPartition extends TopicPartition {
  readonly leaderEpoch: number;
  readonly offset: number;
  readonly maxBytes: number;
}

export interface FetchRequest {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly isCommittedOnly: boolean;
  readonly rack: string;
  readonly partitions: readonly FetchPartition[];
}

export interface FetchedPartition extends TopicPartition {
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** A follower nearer to this rack, or -1. */
  readonly preferredReplica: number;
  readonly records: Buffer | null;
}

export interface FetchResponse {
  readonly errorCode: number;
  readonly partitions: readonly FetchedPartition[];
}

export function encodeFetch(writer: ProtocolWriter, request: FetchRequest): void {
  writer.int32(-1).int32(request.maxWaitMs).int32(1).int32(request.maxBytes);
  writer
    .int8(request.isCommittedOnly ? 1 : 0)
    .int32(0)
    .int32(-1);
  writeTopics(writer, request.partitions, ({ partition, leaderEpoch, offset, maxBytes }) => {
    writer.int32(partition).int32(leaderEpoch).int64(offset).int64(-1).int32(maxBytes);
  });
  writer.int32(0).string(request.rack);
}

export function decodeFetch(reader: ProtocolReader): FetchResponse {
  reader.int32();
  const errorCode = reader.int16();
  reader.int32();
  return { errorCode, partitions: readTopics(reader, (topic) => decodePartition(reader, topic)) };
}

function decodePartition(reader: ProtocolReader, topic: string): FetchedPartition {
  return {
    topic,
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: reader.int64(),
    lastStableOffset: reader.int64(),
    logStartOffset: reader.int64(),
    aborted: reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.int64() })),
    preferredReplica: reader.int32(),
    records: reader.nullableBytes(),
  };
}
