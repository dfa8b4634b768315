import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';

/**
 * JoinGroup request v5: group_id STRING, session_timeout_ms INT32, rebalance_timeout_ms INT32,
 * member_id STRING, group_instance_id NULLABLE_STRING, protocol_type STRING,
 * protocols ARRAY { name STRING, metadata BYTES }
 * v9: the same in compact types, then reason COMPACT_NULLABLE_STRING; tags after each structure
 *
 * JoinGroup response v5: throttle_time_ms INT32, error_code INT16, generation_id INT32,
 * protocol_name STRING, leader STRING, member_id STRING,
 * members ARRAY { member_id STRING, group_instance_id NULLABLE_STRING, metadata BYTES }
 * v9: the same in compact types, with protocol_type COMPACT_NULLABLE_STRING before protocol_name
 * (nullable too) and skip_assignment BOOLEAN after leader; tags after each structure
 *
 * Version 9 lets a static leader that comes back know that it leads; older brokers get 5.
 */
export const joinGroupVersion = 5;
export const joinGroupCompactVersion = 9;

export interface JoinGroupRequest {
  readonly groupId: string;
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  /** Empty: not known to the coordinator yet. */
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly protocolType: string;
  readonly protocols: readonly { readonly name: string; readonly metadata: Uint8Array }[];
}

export interface JoinedMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly metadata: Uint8Array;
}

export interface JoinGroupResponse {
  readonly error: number;
  readonly generation: number;
  readonly protocol: string;
  readonly leader: string;
  /** The leader must decide nothing: the assignment stands. */
  readonly skipAssignment: boolean;
  readonly memberId: string;
  /** Only the leader is told. */
  readonly members: readonly JoinedMember[];
}

export function encodeJoinGroup(writer: ProtocolWriter, request: JoinGroupRequest): void {
  writer
    .string(request.groupId)
    .int32(request.sessionMs)
    .int32(request.rebalanceMs)
    .string(request.memberId)
    .nullableString(request.instanceId)
    .string(request.protocolType)
    .array(request.protocols, ({ name, metadata }, w) => w.string(name).byteArray(metadata));
}

export function encodeJoinGroupCompact(writer: ProtocolWriter, request: JoinGroupRequest): void {
  writer
    .compactString(request.groupId)
    .int32(request.sessionMs)
    .int32(request.rebalanceMs)
    .compactString(request.memberId)
    .compactNullableString(request.instanceId)
    .compactString(request.protocolType)
    .compactArray(request.protocols, ({ name, metadata }, w) =>
      w.compactString(name).compactBytes(metadata).noTags(),
    )
    .compactNullableString(null)
    .noTags();
}

export function decodeJoinGroup(reader: ProtocolReader): JoinGroupResponse {
  reader.int32();
  return {
    error: reader.int16(),
    generation: reader.int32(),
    protocol: reader.string(),
    leader: reader.string(),
    skipAssignment: false,
    memberId: reader.string(),
    members: reader.array((r) => ({
      memberId: r.string(),
      instanceId: r.nullableString(),
      metadata: r.byteArray(),
    })),
  };
}

export function decodeJoinGroupCompact(reader: ProtocolReader): JoinGroupResponse {
  reader.int32();
  const error = reader.int16();
  const generation = reader.int32();
  reader.compactNullableString();
  const answer = {
    error,
    generation,
    protocol: reader.compactNullableString() ?? '',
    leader: reader.compactString(),
    skipAssignment: reader.boolean(),
    memberId: reader.compactString(),
    members: reader.compactArray((r) => {
      const member = {
        memberId: r.compactString(),
        instanceId: r.compactNullableString(),
        metadata: r.compactBytes(),
      };
      r.skipTags();
      return member;
    }),
  };
  reader.skipTags();
  return answer;
}
