import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import type { TopicResult } from './createTopics.ts';

/**
 * CreatePartitions request v1: [topics], timeout_ms INT32, validate_only BOOLEAN
 *   topics: name STRING, count INT32, [assignments] NULLABLE
 *
 * CreatePartitions response v1: throttle_time_ms INT32, [results]
 *   results: name STRING, error_code INT16, error_message NULLABLE_STRING
 */
export const createPartitionsVersion = 1;

export function encodeCreatePartitions(
  writer: ProtocolWriter,
  topic: string,
  count: number,
  timeoutMs: number,
): void {
  writer.array([topic], (name) => {
    writer.string(name).int32(count).int32(-1);
  });
  writer.int32(timeoutMs).boolean(false);
}

export function decodeCreatePartitions(reader: ProtocolReader): readonly TopicResult[] {
  reader.int32();
  return reader.array(() => ({
    topic: reader.string(),
    errorCode: reader.int16(),
    errorMessage: reader.nullableString(),
  }));
}
