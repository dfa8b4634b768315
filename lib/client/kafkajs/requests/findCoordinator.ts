import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import type { CoordinatorKind, NodeMeta } from '../Wire.ts';

/**
 * FindCoordinator request v2: key STRING, key_type INT8 (0: group, 1: transactional id)
 *
 * FindCoordinator response v2: throttle_time_ms INT32, error_code INT16, error_message
 * NULLABLE_STRING, node_id INT32, host STRING, port INT32
 */
export const findCoordinatorVersion = 2;

export interface FindCoordinatorResponse {
  readonly errorCode: number;
  readonly node: NodeMeta;
}

export function encodeFindCoordinator(
  writer: ProtocolWriter,
  kind: CoordinatorKind,
  key: string,
): void {
  writer.string(key).int8(kind === 'group' ? 0 : 1);
}

export function decodeFindCoordinator(reader: ProtocolReader): FindCoordinatorResponse {
  reader.int32();
  const errorCode = reader.int16();
  reader.nullableString();
  return {
    errorCode,
    node: { nodeId: reader.int32(), host: reader.string(), port: reader.int32(), rack: null },
  };
}
