import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';

/**
 * SyncGroup request v3: group_id STRING, generation_id INT32, member_id STRING,
 * group_instance_id NULLABLE_STRING, assignments ARRAY { member_id STRING, assignment BYTES }
 *
 * SyncGroup response v3: throttle_time_ms INT32, error_code INT16, assignment BYTES
 */
export const syncGroupVersion = 3;

export interface SyncGroupRequest {
  readonly groupId: string;
  readonly generation: number;
  readonly memberId: string;
  readonly instanceId: string | null;
  /** Only the leader sends any. */
  readonly assignments: readonly {
    readonly memberId: string;
    readonly assignment: Uint8Array;
  }[];
}

export interface SyncGroupResponse {
  readonly error: number;
  readonly assignment: Uint8Array;
}

export function encodeSyncGroup(writer: ProtocolWriter, request: SyncGroupRequest): void {
  writer
    .string(request.groupId)
    .int32(request.generation)
    .string(request.memberId)
    .nullableString(request.instanceId)
    .array(request.assignments, ({ memberId, assignment }, w) =>
      w.string(memberId).byteArray(assignment),
    );
}

export function decodeSyncGroup(reader: ProtocolReader): SyncGroupResponse {
  reader.int32();
  return { error: reader.int16(), assignment: reader.byteArray() };
}
