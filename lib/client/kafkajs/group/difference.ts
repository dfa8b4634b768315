import { partitionKey, type TopicPartition } from '../../../model/topicPartition.ts';

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
