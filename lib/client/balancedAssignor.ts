import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import type { Assignor, GroupAssignment, GroupMember } from './KafkaClient.ts';

/** What a member has been given so far. */
interface Share {
  readonly member: GroupMember;
  readonly partitions: TopicPartition[];
}

const nothing = new Uint8Array(0);

/**
 * Spreads partitions evenly and moves few: each topic's members keep what they have up to an equal
 * share, what is left goes to whoever has least.
 */
export const balancedAssignor: Assignor = {
  name: 'rxkstreams-balanced',
  userData: () => nothing,
  assign(members, partitionCounts) {
    // By id, so that the outcome does not hang on the order of joining.
    const shares = [...members]
      .sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
      .map((member): Share => ({ member, partitions: [] }));
    for (const [topic, count] of partitionCounts) spread(topic, count, shares);
    return new Map<string, GroupAssignment>(
      shares.map(({ member, partitions }) => [member.memberId, { partitions, userData: nothing }]),
    );
  },
};

function spread(topic: string, count: number, all: readonly Share[]): void {
  const shares = all.filter(({ member }) => member.topics.includes(topic));
  if (shares.length === 0) return;
  const free = new Map<string, TopicPartition>();
  for (let partition = 0; partition < count; partition++) {
    free.set(partitionKey({ topic, partition }), { topic, partition });
  }
  const least = Math.floor(count / shares.length);
  // So many members may have one more than the others.
  let larger = count % shares.length;
  for (const { member, partitions } of shares) {
    let kept = 0;
    for (const tp of member.owned) {
      if (kept >= least + (larger > 0 ? 1 : 0)) break;
      if (!free.delete(partitionKey(tp))) continue;
      partitions.push(tp);
      kept += 1;
    }
    if (kept > least) larger -= 1;
  }
  for (const tp of free.values()) {
    const fewest = shares.reduce((a, b) => (b.partitions.length < a.partitions.length ? b : a));
    fewest.partitions.push(tp);
  }
}
