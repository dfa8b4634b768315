import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import type { NodeMeta, PartitionMeta } from '../Wire.ts';

/**
 * Metadata request v8: [topics] NULLABLE ARRAY of STRING (null: all), allow_auto_topic_creation
 * BOOLEAN, include_cluster_authorized_operations BOOLEAN, include_topic_authorized_operations
 * BOOLEAN
 *
 * Metadata response v8: throttle_time_ms INT32, [brokers], cluster_id NULLABLE_STRING,
 * controller_id INT32, [topics], cluster_authorized_operations INT32
 *   brokers: node_id INT32, host STRING, port INT32, rack NULLABLE_STRING
 *   topics: error_code INT16, name STRING, is_internal BOOLEAN, [partitions],
 *           topic_authorized_operations INT32
 *   partitions: error_code INT16, partition_index INT32, leader_id INT32, leader_epoch INT32,
 *               [replicas] INT32, [isr] INT32, [offline_replicas] INT32
 */
export const metadataVersion = 8;

export interface TopicAnswer {
  readonly errorCode: number;
  readonly topic: string;
  readonly isInternal: boolean;
  readonly partitions: readonly PartitionMeta[];
}

export interface MetadataResponse {
  readonly nodes: readonly NodeMeta[];
  readonly controller: number;
  readonly topics: readonly TopicAnswer[];
}

/** No topic is ever made by asking about it. */
export function encodeMetadata(writer: ProtocolWriter, topics: readonly string[] | null): void {
  writer.nullableArray(topics, (topic) => writer.string(topic));
  writer.boolean(false).boolean(false).boolean(false);
}

export function decodeMetadata(reader: ProtocolReader): MetadataResponse {
  reader.int32();
  const nodes = reader.array(() => ({
    nodeId: reader.int32(),
    host: reader.string(),
    port: reader.int32(),
    rack: reader.nullableString(),
  }));
  reader.nullableString();
  const controller = reader.int32();
  const topics = reader.array(() => {
    const answer = {
      errorCode: reader.int16(),
      topic: reader.string(),
      isInternal: reader.boolean(),
      partitions: reader.array(decodePartition),
    };
    reader.int32();
    return answer;
  });
  return { nodes, controller, topics };
}

function decodePartition(reader: ProtocolReader): PartitionMeta {
  reader.int16();
  const partition = {
    partition: reader.int32(),
    leader: reader.int32(),
    leaderEpoch: reader.int32(),
    replicas: reader.array(() => reader.int32()),
    isr: reader.array(() => reader.int32()),
  };
  reader.array(() => reader.int32());
  return partition;
}
