import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import type { TopicResult } from './createTopics.ts';

/**
 * IncrementalAlterConfigs request v0: [resources], validate_only BOOLEAN
 *   resources: resource_type INT8 (2: topic), resource_name STRING, [configs]
 *   configs: name STRING, config_operation INT8 (0: set), value NULLABLE_STRING
 *
 * IncrementalAlterConfigs response v0: throttle_time_ms INT32, [responses]
 *   responses: error_code INT16, error_message NULLABLE_STRING, resource_type INT8, resource_name
 *   STRING
 */
export const incrementalAlterConfigsVersion = 0;

const topicResource = 2;

export function encodeIncrementalAlterConfigs(
  writer: ProtocolWriter,
  topic: string,
  config: Readonly<Record<string, string>>,
): void {
  writer.array([topic], (name) => {
    writer.int8(topicResource).string(name);
    writer.array(Object.entries(config), ([key, value]) => {
      writer.string(key).int8(0).nullableString(value);
    });
  });
  writer.boolean(false);
}

export function decodeIncrementalAlterConfigs(reader: ProtocolReader): readonly TopicResult[] {
  reader.int32();
  return reader.array(() => {
    const errorCode = reader.int16();
    const errorMessage = reader.nullableString();
    reader.int8();
    return { topic: reader.string(), errorCode, errorMessage };
  });
}
