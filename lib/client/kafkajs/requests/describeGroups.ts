import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';

/**
 * DescribeGroups request v4: groups ARRAY STRING, include_authorized_operations BOOLEAN
 *
 * DescribeGroups response v4: throttle_time_ms INT32, groups ARRAY { error_code INT16,
 *   group_id STRING, group_state STRING, protocol_type STRING, protocol_data STRING,
 *   members ARRAY { member_id STRING, group_instance_id NULLABLE_STRING, client_id STRING,
 *     client_host STRING, member_metadata BYTES, member_assignment BYTES },
 *   authorized_operations INT32 }
 */
export const describeGroupsVersion = 4;

export interface DescribeGroupsRequest {
  readonly groupIds: readonly string[];
}

export interface DescribedGroup {
  readonly error: number;
  readonly groupId: string;
  /** `Stable`, `PreparingRebalance`, `CompletingRebalance`, `Empty`, `Dead`. */
  readonly state: string;
  readonly protocol: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly clientId: string;
    readonly assignment: Uint8Array;
  }[];
}

export interface DescribeGroupsResponse {
  /** The first group's error that is one. */
  readonly error: number;
  readonly groups: readonly DescribedGroup[];
}

export function encodeDescribeGroups(writer: ProtocolWriter, request: DescribeGroupsRequest): void {
  writer.array(request.groupIds, (groupId, w) => w.string(groupId)).boolean(false);
}

export function decodeDescribeGroups(reader: ProtocolReader): DescribeGroupsResponse {
  reader.int32();
  const groups = reader.array((r): DescribedGroup => {
    const error = r.int16();
    const groupId = r.string();
    const state = r.string();
    r.string();
    const protocol = r.string();
    const members = r.array(() => {
      const memberId = r.string();
      const instanceId = r.nullableString();
      const clientId = r.string();
      r.string();
      r.byteArray();
      return { memberId, instanceId, clientId, assignment: r.byteArray() };
    });
    r.int32();
    return { error, groupId, state, protocol, members };
  });
  return { error: groups.find(({ error }) => error !== 0)?.error ?? 0, groups };
}
