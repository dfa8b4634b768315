import { KafkaError, StreamsError } from '../errors.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';
import type { Admin, Isolation, OffsetSpec } from './KafkaClient.ts';

/**
 * Where reading begins: the first record, the end, an offset, or the first record at or after a
 * time.
 */
export type StartAt = OffsetSpec | { readonly offset: number };

function checkStart(at: StartAt): void {
  if (at === 'earliest' || at === 'latest') return;
  const { offset, timestampMs = offset } = (at ?? {}) as { offset?: number; timestampMs?: number };
  if (typeof timestampMs === 'number' && timestampMs >= 0) return;
  throw new StreamsError(
    'INVALID_OPTION',
    `Reading cannot begin at ${typeof at === 'string' ? `'${at}'` : JSON.stringify(at)}: give 'earliest', 'latest', { offset } or { timestampMs }.`,
  );
}

/** The offsets that a start means now, in the order of the partitions. */
export async function offsetsOf(
  admin: Admin,
  tps: readonly TopicPartition[],
  at: StartAt,
  isolation: Isolation,
): Promise<readonly number[]> {
  checkStart(at);
  if (typeof at === 'object' && 'offset' in at) return tps.map(() => at.offset);
  const found = await admin.listOffsets(tps, at, isolation);
  return tps.map((tp) => {
    const offset = found.get(partitionKey(tp));
    if (offset !== undefined) return offset;
    throw new KafkaError('UNKNOWN_TOPIC', 'There is no such partition: create the topic first.', {
      place: tp,
    });
  });
}
