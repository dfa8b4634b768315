import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import type { TopicResult } from './createTopics.ts';

/**
 * DeleteTopics request v3: [topic_names] STRING, timeout_ms INT32
 *
 * DeleteTopics response v3: throttle_time_ms INT32, [responses]
 *   responses: name STRING, error_code INT16
 */
export const deleteTopicsVersion = 3;

export function encodeDeleteTopics(
  writer: ProtocolWriter,
  topics: readonly string[],
  timeoutMs: number,
): void {
  writer.array(topics, (topic) => writer.string(topic));
  writer.int32(timeoutMs);
}

export function decodeDeleteTopics(reader: ProtocolReader): readonly TopicResult[] {
  reader.int32();
  return reader.array(() => ({
    topic: reader.string(),
    errorCode: reader.int16(),
    errorMessage: null,
  }));
}
