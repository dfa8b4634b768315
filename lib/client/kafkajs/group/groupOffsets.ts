import { KafkaError } from '../../../errors.ts';
import { partitionKey, type TopicPartition } from '../../../model/topicPartition.ts';
import type { PartitionOffset } from '../../KafkaClient.ts';
import { kafkaErrorOf } from '../kafkaErrors.ts';
import type { OffsetCommitRequest } from '../requests/offsetCommit.ts';
import { isRetriable } from '../retry.ts';
import type { GroupPort } from './GroupPort.ts';
import { coordinatorMoved, groupError, membershipOver } from './groupErrors.ts';
import { offsetCommit, offsetFetch, type RequestKind } from './groupRequests.ts';
import type { Pauses } from './Pauses.ts';

/** A transaction may be open for its whole timeout, a coordinator needs a while to move. */
const patienceMs = 120_000;

/**
 * Commits. The answer is null, or the number of the error by which the coordinator told that the
 * member's generation is over.
 */
export async function commitOffsets(
  port: GroupPort,
  pauses: Pauses,
  request: OffsetCommitRequest,
): Promise<number | null> {
  const answer = await untilAnswered(port, pauses, offsetCommit, request);
  const { error, topic, partition } = answer;
  if (error === groupError.none) return null;
  if (
    membershipOver(error) ||
    error === groupError.fencedInstanceId ||
    error === groupError.rebalanceInProgress
  ) {
    return error;
  }
  throw kafkaErrorOf(
    error,
    `Offsets of the group ${request.groupId} were not committed: see what the broker's log says.`,
    { topic, partition },
  );
}

/**
 * What the group has committed, by `partitionKey`; partitions without a commit are not in the
 * answer.
 */
export async function fetchOffsets(
  port: GroupPort,
  pauses: Pauses,
  request: {
    readonly groupId: string;
    readonly partitions: readonly TopicPartition[] | null;
    readonly requireStable: boolean;
  },
): Promise<ReadonlyMap<string, PartitionOffset>> {
  const answer = await untilAnswered(port, pauses, offsetFetch, request);
  const unknown = groupError.unknownTopicOrPartition;
  const found = new Map<string, PartitionOffset>();
  for (const { topic, partition, offset, metadata, error } of answer.partitions) {
    if (error !== groupError.none && error !== unknown) throw refused(error, request.groupId);
    if (offset >= 0)
      found.set(partitionKey({ topic, partition }), { topic, partition, offset, metadata });
  }
  if (answer.error === groupError.none || answer.error === unknown) return found;
  throw refused(answer.error, request.groupId);
}

function refused(error: number, groupId: string): KafkaError {
  return kafkaErrorOf(
    error,
    `The offsets of the group ${groupId} cannot be read: check its name and this client's rights.`,
  );
}

/** Repeats what another try may cure, for as long as patience lasts. */
export async function untilAnswered<Q, R extends { readonly error: number }>(
  port: GroupPort,
  pauses: Pauses,
  kind: RequestKind<Q, R>,
  request: Q,
): Promise<R> {
  const deadline = pauses.clock.now() + patienceMs;
  for (let attempt = 0; ; attempt += 1) {
    const last = pauses.clock.now() >= deadline;
    if (pauses.ended) throw closed(kind.name);
    try {
      const answer = await port.send(kind, request);
      if (last || !worthRepeating(answer.error)) return answer;
    } catch (error) {
      if (last || !isRetriable(error)) throw error;
    }
    await pauses.backOff(attempt);
  }
}

function worthRepeating(error: number): boolean {
  return coordinatorMoved(error) || error === groupError.unstableOffsetCommit;
}

function closed(name: string): KafkaError {
  return new KafkaError('CLIENT_CLOSED', `Closed before ${name} was answered: make a new member.`);
}
