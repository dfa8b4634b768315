import { apiKeys } from '../protocol/apiKeys.ts';
import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import * as deleting from '../requests/deleteGroups.ts';
import * as describing from '../requests/describeGroups.ts';
import * as beating from '../requests/heartbeat.ts';
import * as joining from '../requests/joinGroup.ts';
import * as leaving from '../requests/leaveGroup.ts';
import * as committing from '../requests/offsetCommit.ts';
import * as fetching from '../requests/offsetFetch.ts';
import * as syncing from '../requests/syncGroup.ts';

/** One version of a request: how it is written and its answer read. */
export interface RequestVersion<Q, R> {
  readonly version: number;
  readonly flexible: boolean;
  readonly encode: (writer: ProtocolWriter, request: Q) => void;
  readonly decode: (reader: ProtocolReader) => R;
}

/** A request to a group's coordinator, in the versions we speak, lowest first. */
export interface RequestKind<Q, R> {
  readonly name: string;
  readonly apiKey: number;
  readonly versions: readonly RequestVersion<Q, R>[];
}

export const joinGroup: RequestKind<joining.JoinGroupRequest, joining.JoinGroupResponse> = {
  name: 'JoinGroup',
  apiKey: apiKeys.joinGroup,
  versions: [
    {
      version: joining.joinGroupVersion,
      flexible: false,
      encode: joining.encodeJoinGroup,
      decode: joining.decodeJoinGroup,
    },
    {
      version: joining.joinGroupCompactVersion,
      flexible: true,
      encode: joining.encodeJoinGroupCompact,
      decode: joining.decodeJoinGroupCompact,
    },
  ],
};

export const syncGroup: RequestKind<syncing.SyncGroupRequest, syncing.SyncGroupResponse> = {
  name: 'SyncGroup',
  apiKey: apiKeys.syncGroup,
  versions: [
    {
      version: syncing.syncGroupVersion,
      flexible: false,
      encode: syncing.encodeSyncGroup,
      decode: syncing.decodeSyncGroup,
    },
  ],
};

export const heartbeat: RequestKind<beating.HeartbeatRequest, beating.HeartbeatResponse> = {
  name: 'Heartbeat',
  apiKey: apiKeys.heartbeat,
  versions: [
    {
      version: beating.heartbeatVersion,
      flexible: false,
      encode: beating.encodeHeartbeat,
      decode: beating.decodeHeartbeat,
    },
  ],
};

export const leaveGroup: RequestKind<leaving.LeaveGroupRequest, leaving.LeaveGroupResponse> = {
  name: 'LeaveGroup',
  apiKey: apiKeys.leaveGroup,
  versions: [
    {
      version: leaving.leaveGroupVersion,
      flexible: false,
      encode: leaving.encodeLeaveGroup,
      decode: leaving.decodeLeaveGroup,
    },
  ],
};

export const offsetCommit: RequestKind<
  committing.OffsetCommitRequest,
  committing.OffsetCommitResponse
> = {
  name: 'OffsetCommit',
  apiKey: apiKeys.offsetCommit,
  versions: [
    {
      version: committing.offsetCommitVersion,
      flexible: false,
      encode: committing.encodeOffsetCommit,
      decode: committing.decodeOffsetCommit,
    },
  ],
};

export const offsetFetch: RequestKind<fetching.OffsetFetchRequest, fetching.OffsetFetchResponse> = {
  name: 'OffsetFetch',
  apiKey: apiKeys.offsetFetch,
  versions: [
    {
      version: fetching.offsetFetchVersion,
      flexible: true,
      encode: fetching.encodeOffsetFetch,
      decode: fetching.decodeOffsetFetch,
    },
  ],
};

export const describeGroups: RequestKind<
  describing.DescribeGroupsRequest,
  describing.DescribeGroupsResponse
> = {
  name: 'DescribeGroups',
  apiKey: apiKeys.describeGroups,
  versions: [
    {
      version: describing.describeGroupsVersion,
      flexible: false,
      encode: describing.encodeDescribeGroups,
      decode: describing.decodeDescribeGroups,
    },
  ],
};

export const deleteGroups: RequestKind<
  deleting.DeleteGroupsRequest,
  deleting.DeleteGroupsResponse
> = {
  name: 'DeleteGroups',
  apiKey: apiKeys.deleteGroups,
  versions: [
    {
      version: deleting.deleteGroupsVersion,
      flexible: false,
      encode: deleting.encodeDeleteGroups,
      decode: deleting.decodeDeleteGroups,
    },
  ],
};
