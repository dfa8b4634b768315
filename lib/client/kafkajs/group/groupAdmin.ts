import { KafkaError } from '../../../errors.ts';
import type { GroupDescription, PartitionOffset } from '../../KafkaClient.ts';
import { kafkaErrorOf } from '../kafkaErrors.ts';
import { apiKeys } from '../protocol/apiKeys.ts';
import { decodeListGroups, encodeListGroups, listGroupsVersion } from '../requests/listGroups.ts';
import { retrying } from '../retry.ts';
import type { Wire } from '../Wire.ts';
import { GroupCoordinator } from './GroupCoordinator.ts';
import { groupError, membershipOver } from './groupErrors.ts';
import { commitOffsets, fetchOffsets, untilAnswered } from './groupOffsets.ts';
import { deleteGroups as deleting, describeGroups as describing } from './groupRequests.ts';
import { Pauses } from './Pauses.ts';

/** All groups of the cluster, sorted: each node is asked for those it coordinates. */
export async function listGroups(wire: Wire): Promise<readonly string[]> {
  const { nodes } = await wire.metadata([], true);
  const found = new Set<string>();
  for (const node of nodes.keys()) {
    await retrying(wire, async () => {
      const version = listGroupsVersion;
      await wire.apiVersion(node, apiKeys.listGroups, version, version);
      const body = await wire.request(node, apiKeys.listGroups, version, encodeListGroups);
      const { error, groups } = decodeListGroups(body);
      if (error !== groupError.none) {
        throw kafkaErrorOf(error, "Groups cannot be listed: check this client's rights.");
      }
      for (const { groupId } of groups) found.add(groupId);
    });
  }
  return [...found].sort();
}

/**
 * One description for each id, in their order; a group that does not exist is `Dead` and has no
 * members.
 */
export async function describeGroups(
  wire: Wire,
  groupIds: readonly string[],
): Promise<readonly GroupDescription[]> {
  const described: GroupDescription[] = [];
  for (const groupId of groupIds) {
    const { groups } = await asked(wire, groupId, (to, pauses) =>
      untilAnswered(to, pauses, describing, { groupIds: [groupId] }),
    );
    const group = groups[0];
    if (group === undefined || (group.error !== 0 && group.error !== groupError.groupIdNotFound)) {
      const error = group?.error ?? -1;
      throw kafkaErrorOf(error, `The group ${groupId} cannot be described: check its name.`);
    }
    described.push({
      groupId,
      state: group.error === 0 ? group.state : 'Dead',
      protocol: group.protocol,
      members: group.members.map(({ memberId, clientId }) => ({ memberId, clientId })),
    });
  }
  return described;
}

/** Deletes groups that have no members; a group that does not exist is deleted already. */
export async function deleteGroups(wire: Wire, groupIds: readonly string[]): Promise<void> {
  for (const groupId of groupIds) {
    const { error } = await asked(wire, groupId, (to, pauses) =>
      untilAnswered(to, pauses, deleting, { groupIds: [groupId] }),
    );
    if (error === groupError.none || error === groupError.groupIdNotFound) continue;
    throw kafkaErrorOf(
      error,
      `The group ${groupId} was not deleted: stop its members first, then delete it again.`,
    );
  }
}

/** What a group has committed, by `partitionKey`, sorted. */
export async function listGroupOffsets(
  wire: Wire,
  groupId: string,
): Promise<ReadonlyMap<string, PartitionOffset>> {
  const found = await asked(wire, groupId, (to, pauses) =>
    fetchOffsets(to, pauses, { groupId, partitions: null, requireStable: false }),
  );
  return new Map([...found].sort(([, a], [, b]) => inOrder(a, b)));
}

function inOrder(a: PartitionOffset, b: PartitionOffset): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
  return a.partition - b.partition;
}

/** Commits for a group from outside. The broker allows it while the group has no members. */
export async function alterGroupOffsets(
  wire: Wire,
  groupId: string,
  offsets: readonly PartitionOffset[],
): Promise<void> {
  if (offsets.length === 0) return;
  const outside = { generation: -1, memberId: '', instanceId: null };
  const error = await asked(wire, groupId, (to, pauses) =>
    commitOffsets(to, pauses, { groupId, ...outside, offsets }),
  );
  if (error === null) return;
  const isInUse = membershipOver(error) || error === groupError.rebalanceInProgress;
  const why = isInUse ? 'it has members' : 'refused';
  throw new KafkaError(
    'KAFKA',
    `The offsets of the group ${groupId} were not changed: ${why}. ` +
      'Stop its members, then try again.',
    { kafkaCode: error },
  );
}

async function asked<T>(
  wire: Wire,
  groupId: string,
  ask: (to: GroupCoordinator, pauses: Pauses) => Promise<T>,
): Promise<T> {
  const pauses = new Pauses(wire.clock, wire.random);
  return ask(new GroupCoordinator(wire, groupId, 'none'), pauses);
}
