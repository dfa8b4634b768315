import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';

/**
 * Heartbeat request v3: group_id STRING, generation_id INT32, member_id STRING,
 * group_instance_id NULLABLE_STRING
 *
 * Heartbeat response v3: throttle_time_ms INT32, error_code INT16
 */
export const heartbeatVersion = 3;

export interface HeartbeatRequest {
  readonly groupId: string;
  readonly generation: number;
  readonly memberId: string;
  readonly instanceId: string | null;
}

export interface HeartbeatResponse {
  readonly error: number;
}

export function encodeHeartbeat(writer: ProtocolWriter, request: HeartbeatRequest): void {
  writer
    .string(request.groupId)
    .int32(request.generation)
    .string(request.memberId)
    .nullableString(request.instanceId);
}

export function decodeHeartbeat(reader: ProtocolReader): HeartbeatResponse {
  reader.int32();
  return { error: reader.int16() };
}
