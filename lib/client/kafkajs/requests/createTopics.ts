import type { NewTopic } from '../../KafkaClient.ts';
import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';

/**
 * CreateTopics request v4: [topics], timeout_ms INT32, validate_only BOOLEAN
 *   topics: name STRING, num_partitions INT32, replication_factor INT16 (-1: the broker's default),
 *           [assignments], [configs]
 *   configs: name STRING, value NULLABLE_STRING
 *
 * CreateTopics response v4: throttle_time_ms INT32, [topics]
 *   topics: name STRING, error_code INT16, error_message NULLABLE_STRING
 */
export const createTopicsVersion = 4;

/** What became of one topic of a request. */
export interface TopicResult {
  readonly topic: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export function encodeCreateTopics(
  writer: ProtocolWriter,
  topics: readonly NewTopic[],
  timeoutMs: number,
): void {
  writer.array(topics, ({ topic, partitions, replicationFactor, config }) => {
    writer
      .string(topic)
      .int32(partitions)
      .int16(replicationFactor ?? -1)
      .int32(0);
    writer.array(Object.entries(config ?? {}), ([name, value]) => {
      writer.string(name).nullableString(value);
    });
  });
  writer.int32(timeoutMs).boolean(false);
}

export function decodeCreateTopics(reader: ProtocolReader): readonly TopicResult[] {
  reader.int32();
  return reader.array(() => ({
    topic: reader.string(),
    errorCode: reader.int16(),
    errorMessage: reader.nullableString(),
  }));
}
