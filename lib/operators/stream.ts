import type { Observable } from 'rxjs';
import { TopologyError } from '../errors.ts';
import { checkPolicy, type ErrorPolicy } from '../model/ErrorPolicy.ts';
import type { KStream } from '../model/record.ts';
import { checkTopic, type Topic, type TopicPattern } from '../serde/handles.ts';
import type { TimestampInput } from '../topology/NodeSpec.ts';
import { currentScope } from '../topology/scope.ts';

export interface StreamOptions {
  /**
   * What becomes of bytes the topic's serdes cannot decode; default: the app's
   * `errors.undecodable`, else fail.
   */
  readonly undecodable?: ErrorPolicy;
  /**
   * Event time, in ms since the epoch; negative: the record is dropped and counted. Default: the
   * record's own timestamp.
   */
  readonly timestampOf?: (record: TimestampInput) => number;
}

/**
 * The records of a topic, of several, or of all whose names match a pattern, in a topology.
 *
 *   eu[0]                    a1      b2
 *   us[0]                        a3
 *   stream([eu, us]), 0_0    a1  a3  b2
 *
 * Partitions: a task reads one partition of each topic, one record at a time, in order of their
 * timestamps. Store: none. Emits: each record. Null: null keys and values come through.
 *
 * @example
 * import { stream, string, to, topic, topology } from 'rxkstreams';
 *
 * const words = topic('words', string());
 * const copied = topology(() => {
 *   stream(words).pipe(to(topic('copy', string())));
 * });
 * copied.describe().includes('Source: KSTREAM-SOURCE-0000000000 (topics: [words])'); // => true
 *
 * @param topics What is read, and how: a handle, several of the same serdes, or a `topicPattern`.
 * @see table, globalTable
 */
export function stream<K, V>(
  topics: Topic<K, V> | readonly Topic<K, V>[] | TopicPattern<K, V>,
  o: StreamOptions = {},
): KStream<K, V> {
  const { names, pattern, key, value } = sourceOf(topics);
  checkPolicy('stream: undecodable', o.undecodable);
  const records = currentScope().source({
    topics: names,
    pattern,
    key,
    value,
    timestampOf: o.timestampOf ?? null,
    undecodable: o.undecodable ?? null,
    repartition: null,
  });
  return records as unknown as Observable<never> as KStream<K, V>;
}

interface Source<K, V> extends Pick<Topic<K, V>, 'key' | 'value'> {
  readonly names: readonly string[];
  readonly pattern: RegExp | null;
}

function isPattern<K, V>(topics: unknown): topics is TopicPattern<K, V> {
  return typeof topics === 'object' && topics !== null && 'pattern' in topics;
}

function sourceOf<K, V>(
  topics: Topic<K, V> | readonly Topic<K, V>[] | TopicPattern<K, V>,
): Source<K, V> {
  if (isPattern<K, V>(topics)) return { ...topics, names: [] };
  const handles = (Array.isArray(topics) ? topics : [topics]) as readonly Topic<K, V>[];
  for (const handle of handles) checkTopic('stream', handle);
  const [first] = handles;
  if (first === undefined) {
    throw new TopologyError(
      'TOPOLOGY_INVALID',
      'stream([]) reads nothing: give it a topic or more.',
    );
  }
  const other = handles.find(({ key, value }) => key !== first.key || value !== first.value);
  if (other !== undefined) {
    throw new TopologyError(
      'TOPOLOGY_INVALID',
      `stream: ${first.topic} and ${other.topic} have different serdes, but are read as one. ` +
        'Use one serde for both, or merge(stream(a), stream(b)).',
    );
  }
  return {
    names: handles.map(({ topic }) => topic),
    pattern: null,
    key: first.key,
    value: first.value,
  };
}
