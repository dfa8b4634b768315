import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';

/**
 * DeleteGroups request v1: groups ARRAY STRING
 *
 * DeleteGroups response v1: throttle_time_ms INT32,
 * results ARRAY { group_id STRING, error_code INT16 }
 */
export const deleteGroupsVersion = 1;

export interface DeleteGroupsRequest {
  readonly groupIds: readonly string[];
}

export interface DeleteGroupsResponse {
  /** The first group's error that is one. */
  readonly error: number;
}

export function encodeDeleteGroups(writer: ProtocolWriter, request: DeleteGroupsRequest): void {
  writer.array(request.groupIds, (groupId, w) => w.string(groupId));
}

export function decodeDeleteGroups(reader: ProtocolReader): DeleteGroupsResponse {
  reader.int32();
  const errors = reader.array((r) => {
    r.string();
    return r.int16();
  });
  return { error: errors.find((error) => error !== 0) ?? 0 };
}
