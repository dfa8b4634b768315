import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';

/**
 * DescribeConfigs request v1: [resources], include_synonyms BOOLEAN
 *   resources: resource_type INT8 (2: topic), resource_name STRING, [configuration_keys] NULLABLE
 *   STRING
 *
 * DescribeConfigs response v1: throttle_time_ms INT32, [results]
 *   results: error_code INT16, error_message NULLABLE_STRING, resource_type INT8, resource_name
 *   STRING,
 *            [configs]
 *   configs: name STRING, value NULLABLE_STRING, read_only BOOLEAN, config_source INT8,
 *            is_sensitive BOOLEAN, [synonyms]
 *   synonyms: name STRING, value NULLABLE_STRING, source INT8
 */
export const describeConfigsVersion = 1;

export interface ConfigsResult {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly configs: ReadonlyMap<string, string>;
}

const topicResource = 2;

export function encodeDescribeConfigs(writer: ProtocolWriter, topic: string): void {
  writer.array([topic], (name) => {
    writer.int8(topicResource).string(name).int32(-1);
  });
  writer.boolean(false);
}

export function decodeDescribeConfigs(reader: ProtocolReader): readonly ConfigsResult[] {
  reader.int32();
  return reader.array(() => {
    const errorCode = reader.int16();
    const errorMessage = reader.nullableString();
    reader.int8();
    reader.string();
    const configs = new Map<string, string>();
    reader.array(() => {
      const name = reader.string();
      const value = reader.nullableString();
      if (value !== null) configs.set(name, value);
      reader.boolean();
      reader.int8();
      reader.boolean();
      reader.array(() => {
        reader.string();
        reader.nullableString();
        reader.int8();
      });
    });
    return { errorCode, errorMessage, configs };
  });
}
