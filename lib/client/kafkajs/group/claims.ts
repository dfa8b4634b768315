import { partitionKey, type TopicPartition } from '../../../model/topicPartition.ts';
import type { GroupAssignment } from '../../KafkaClient.ts';

/** What a member says it reads, and since which generation. */
export interface Claim {
  readonly memberId: string;
  readonly generation: number;
  readonly owned: readonly TopicPartition[];
}

/**
 * Who owns which partition before this round, by `partitionKey`. A member that missed a generation may
 * claim what was given to another since: the younger generation is believed. Two claims of the same
 * generation cannot both be true, so neither is.
 */
export function ownersOf(claims: readonly Claim[]): ReadonlyMap<string, string> {
  const best = new Map<string, { memberId: string | null; generation: number }>();
  for (const claim of claims) {
    for (const tp of claim.owned) {
      const key = partitionKey(tp);
      const known = best.get(key);
      if (known === undefined || known.generation < claim.generation) {
        best.set(key, { memberId: claim.memberId, generation: claim.generation });
      } else if (known.generation === claim.generation && known.memberId !== claim.memberId) {
        known.memberId = null;
      }
    }
  }
  const owners = new Map<string, string>();
  for (const [key, { memberId }] of best) if (memberId !== null) owners.set(key, memberId);
  return owners;
}

/**
 * The cooperative rule: a partition goes to a new owner only once its old owner has let it go. What
 * another member still owns is left out of this round; its owner, who does not find it in its own
 * assignment, gives it up and asks for the next round, which hands it over.
 *
 *     round 1   A owns 0 1 2 3   wanted A: 0 1  B: 2 3   answered A: 0 1  B: -
 *     round 2   A owns 0 1       wanted A: 0 1  B: 2 3   answered A: 0 1  B: 2 3
 */
export function withhold(
  wanted: ReadonlyMap<string, GroupAssignment>,
  owners: ReadonlyMap<string, string>,
): ReadonlyMap<string, GroupAssignment> {
  const answered = new Map<string, GroupAssignment>();
  for (const [memberId, { partitions, userData }] of wanted) {
    const free = partitions.filter((tp) => {
      const owner = owners.get(partitionKey(tp));
      return owner === undefined || owner === memberId;
    });
    answered.set(memberId, { partitions: free, userData });
  }
  return answered;
}

/** What a new assignment changes: both in the order of the lists they come from. */
export function difference(
  before: readonly TopicPartition[],
  now: readonly TopicPartition[],
): { readonly added: readonly TopicPartition[]; readonly revoked: readonly TopicPartition[] } {
  const had = new Set(before.map(partitionKey));
  const has = new Set(now.map(partitionKey));
  return {
    added: now.filter((tp) => !had.has(partitionKey(tp))),
    revoked: before.filter((tp) => !has.has(partitionKey(tp))),
  };
}
