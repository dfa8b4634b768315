import type { Observable } from 'rxjs';
import type { ErrorPolicy } from '../model/ErrorPolicy.ts';
import type { KStream } from '../model/record.ts';
import type { Topic } from '../serde/handles.ts';
import type { TimestampInput } from '../topology/NodeSpec.ts';
import { currentScope } from '../topology/scope.ts';

export interface StreamOptions {
  /** What becomes of bytes the topic's serdes cannot decode; default: the app's `errors.undecodable`, else fail. */
  readonly undecodable?: ErrorPolicy;
  /**
   * Event time, in ms since the epoch; negative: the record is dropped and counted. Default: the record's own timestamp.
   */
  readonly timestampOf?: (record: TimestampInput) => number;
}

/**
 * The records of a topic, in a topology.
 *
 * In each task: the records of one partition, one at a time. Null keys and values come through.
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
 * @param topic What is read, and how.
 */
export function stream<K, V>(topic: Topic<K, V>, o: StreamOptions = {}): KStream<K, V> {
  const records = currentScope().source({
    topics: [topic.topic],
    pattern: null,
    key: topic.key,
    value: topic.value,
    timestampOf: o.timestampOf ?? null,
    undecodable: o.undecodable ?? null,
    repartition: null,
  });
  return records as unknown as Observable<never> as KStream<K, V>;
}
