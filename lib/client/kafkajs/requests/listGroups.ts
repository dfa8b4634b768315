import type { ProtocolReader } from '../protocol/Reader.ts';

/**
 * ListGroups request v2: empty. A node answers for the groups it coordinates.
 *
 * ListGroups response v2: throttle_time_ms INT32, error_code INT16,
 * groups ARRAY { group_id STRING, protocol_type STRING }
 */
export const listGroupsVersion = 2;

export interface ListGroupsResponse {
  readonly error: number;
  readonly groups: readonly { readonly groupId: string; readonly protocolType: string }[];
}

export function encodeListGroups(): void {}

export function decodeListGroups(reader: ProtocolReader): ListGroupsResponse {
  reader.int32();
  return {
    error: reader.int16(),
    groups: reader.array((r) => ({ groupId: r.string(), protocolType: r.string() })),
  };
}
