import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';

/**
 * LeaveGroup request v3: group_id STRING,
 * members ARRAY { member_id STRING, group_instance_id NULLABLE_STRING }
 *
 * LeaveGroup response v3: throttle_time_ms INT32, error_code INT16,
 * members ARRAY { member_id STRING, group_instance_id NULLABLE_STRING, error_code INT16 }
 */
export const leaveGroupVersion = 3;

export interface LeaveGroupRequest {
  readonly groupId: string;
  readonly members: readonly { readonly memberId: string; readonly instanceId: string | null }[];
}

export interface LeaveGroupResponse {
  readonly error: number;
  /** One for each member, in the order of the request. */
  readonly memberErrors: readonly number[];
}

export function encodeLeaveGroup(writer: ProtocolWriter, request: LeaveGroupRequest): void {
  writer
    .string(request.groupId)
    .array(request.members, ({ memberId, instanceId }, w) =>
      w.string(memberId).nullableString(instanceId),
    );
}

export function decodeLeaveGroup(reader: ProtocolReader): LeaveGroupResponse {
  reader.int32();
  return {
    error: reader.int16(),
    memberErrors: reader.array((r) => {
      r.string();
      r.nullableString();
      return r.int16();
    }),
  };
}
