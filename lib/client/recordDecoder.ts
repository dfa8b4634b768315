import { StreamsError } from '../errors.ts';
import type { LogRecord } from '../model/logRecord.ts';
import { type AnyRecord, streamRecord } from '../model/record.ts';
import type { TopicPartition } from '../model/topicPartition.ts';
import { bytes } from '../serde/bytes.ts';
import type { Topic } from '../serde/handles.ts';
import type { Serde } from '../serde/Serde.ts';

/** A topic by its handle, or by its name alone: then keys and values are bytes. */
export type TopicOrName<K, V> = Topic<K, V> | string;

export function handleOf<K, V>(topic: TopicOrName<K, V>): Topic<K, V> {
  if (typeof topic !== 'string') return topic;
  // The overloads promise bytes to whoever gives a name alone.
  const plain = bytes() as unknown as Serde<K> & Serde<V>;
  return { topic, key: plain, value: plain };
}

/** Makes records of what lies in a log; they have an origin but no task. */
export function recordDecoder<K, V>(
  topic: Topic<K, V>,
): (tp: TopicPartition, record: LogRecord) => AnyRecord {
  const { key: keys, value: values } = topic;
  return ({ topic: name, partition }, { key, value, offset, timestamp, headers }) => {
    try {
      return streamRecord(
        key === null ? null : keys.decode(key),
        value === null ? null : values.decode(value),
        timestamp,
        headers,
        { topic: name, partition, offset, lane: 0, task: null, raw: null },
      );
    } catch (cause) {
      throw new StreamsError(
        'UNDECODABLE',
        "A record cannot be decoded: check that the handle's serdes are those it was written with.",
        { place: { topic: name, partition, offset }, cause },
      );
    }
  };
}
