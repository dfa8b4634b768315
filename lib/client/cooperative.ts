import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import type { GroupAssignment } from './KafkaClient.ts';

/** What a member said it owns, and since which generation. */
export interface Claim {
  readonly memberId: string;
  readonly owned: readonly TopicPartition[];
  /**
   * The generation in which it was given them; of two claims on one partition the later is true.
   */
  readonly generation: number;
}

/**
 * The rule of cooperative rebalancing (KIP-429): a partition that another member still claims is
 * kept back from its new owner for one round. The old owner sees it gone, gives it up and rejoins;
 * the next round hands it over. So no partition ever has two owners.
 */
export function withholdClaimed(
  assignments: ReadonlyMap<string, GroupAssignment>,
  claims: readonly Claim[],
): Map<string, GroupAssignment> {
  const owners = new Map<string, Claim>();
  for (const claim of claims) {
    for (const tp of claim.owned) {
      const rival = owners.get(partitionKey(tp));
      if (rival === undefined || rival.generation < claim.generation) {
        owners.set(partitionKey(tp), claim);
      }
    }
  }
  const result = new Map<string, GroupAssignment>();
  for (const [memberId, { partitions, userData }] of assignments) {
    const free = partitions.filter((tp) => {
      const owner = owners.get(partitionKey(tp));
      return owner === undefined || owner.memberId === memberId;
    });
    result.set(memberId, { partitions: free, userData });
  }
  return result;
}
