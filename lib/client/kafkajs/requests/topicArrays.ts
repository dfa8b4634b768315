import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';

/** Items by their topic, as requests nest them; topics and items keep their order. */
export function byTopic<T extends TopicPartition>(items: readonly T[]): Map<string, T[]> {
  const topics = new Map<string, T[]>();
  for (const item of items) {
    const known = topics.get(item.topic);
    if (known === undefined) topics.set(item.topic, [item]);
    else known.push(item);
  }
  return topics;
}

/** Writes an array of topics, each its name and an array of its partitions. */
export function writeTopics<T extends TopicPartition>(
  writer: ProtocolWriter,
  items: readonly T[],
  writePartition: (item: T) => void,
): void {
  writer.array([...byTopic(items)], ([topic, partitions]) => {
    writer.string(topic);
    writer.array(partitions, writePartition);
  });
}

/** Reads the same array back, flat. */
export function readTopics<T>(reader: ProtocolReader, readPartition: (topic: string) => T): T[] {
  const items: T[] = [];
  reader.array(() => {
    const topic = reader.string();
    reader.array(() => {
      items.push(readPartition(topic));
    });
  });
  return items;
}

/** One partition's error number, as several answers hold them. */
export interface PartitionError extends TopicPartition {
  readonly errorCode: number;
}
