import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';

/**
 * OffsetFetch request v7 (flexible): group_id COMPACT_STRING,
 * topics COMPACT_NULLABLE_ARRAY { name COMPACT_STRING, partitions COMPACT_ARRAY INT32, tags },
 * require_stable BOOLEAN, tags
 *
 * OffsetFetch response v7: throttle_time_ms INT32, topics COMPACT_ARRAY { name COMPACT_STRING,
 *   partitions COMPACT_ARRAY { partition INT32, committed_offset INT64, leader_epoch INT32,
 *     metadata COMPACT_NULLABLE_STRING, error_code INT16, tags }, tags }, error_code INT16, tags
 *
 * Version 7 is the first that can wait for open transactions (`require_stable`).
 */
export const offsetFetchVersion = 7;

export interface OffsetFetchRequest {
  readonly groupId: string;
  /** Null: all that the group has committed. */
  readonly partitions: readonly TopicPartition[] | null;
  /** Partitions with an offset in an open transaction answer UNSTABLE_OFFSET_COMMIT. */
  readonly requireStable: boolean;
}

export interface OffsetFetchResponse {
  /** The group's error, or the first partition's that is one. */
  readonly error: number;
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    /** -1: nothing is committed. */
    readonly offset: number;
    readonly metadata: string;
    readonly error: number;
  }[];
}

export function encodeOffsetFetch(writer: ProtocolWriter, request: OffsetFetchRequest): void {
  writer.compactString(request.groupId);
  if (request.partitions === null) {
    writer.uvarint(0);
  } else {
    const byTopic = new Map<string, number[]>();
    for (const { topic, partition } of request.partitions) {
      const sameTopic = byTopic.get(topic);
      if (sameTopic === undefined) byTopic.set(topic, [partition]);
      else sameTopic.push(partition);
    }
    writer.compactArray([...byTopic], ([topic, partitions], w) =>
      w
        .compactString(topic)
        .compactArray(partitions, (partition) => w.int32(partition))
        .noTags(),
    );
  }
  writer.boolean(request.requireStable).noTags();
}

export function decodeOffsetFetch(reader: ProtocolReader): OffsetFetchResponse {
  reader.int32();
  const byTopic = reader.compactArray((r) => {
    const topic = r.compactString();
    const partitions = r.compactArray(() => {
      const partition = r.int32();
      const offset = r.int64();
      r.int32();
      const metadata = r.compactNullableString() ?? '';
      const error = r.int16();
      r.skipTags();
      return { topic, partition, offset, metadata, error };
    });
    r.skipTags();
    return partitions;
  });
  const partitions = byTopic.flat();
  const groupError = reader.int16();
  reader.skipTags();
  const error = groupError || (partitions.find((p) => p.error !== 0)?.error ?? 0);
  return { error, partitions };
}
