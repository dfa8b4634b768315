import type { OperatorFunction } from 'rxjs';
import type { KRecord, Plain } from '../model/record.ts';
import { checkTopic, type Topic } from '../serde/handles.ts';
import type { AnySerde, Serde } from '../serde/Serde.ts';
import { string } from '../serde/string.ts';
import type { Partitioner, SinkSpec } from '../topology/NodeSpec.ts';
import { plain, statelessOperator } from './internal/operator.ts';

export interface ToOptions<K, V> {
  /** Chooses the partition; default: by the key's bytes, as Kafka's own producer does. */
  readonly partitioner?: (record: KRecord<K, V | null, Plain>, partitions: number) => number;
}

/** How records are written whose topic is chosen for each. */
export interface ToChosenOptions<K, V> extends ToOptions<K, V> {
  /** Default: strings. */
  readonly key?: Serde<K>;
  readonly value: Serde<V>;
}

/**
 * Writes records to a topic, and ends the pipeline.
 *
 *   large    a900  b120
 *   to(t)    a900  b120     in the topic t, with their timestamps and headers
 *
 * Partitions: by the key, or by `partitioner`. Store: none. Emits: nothing more. Null: a null value
 * is written as a deletion; a null key lies anywhere.
 *
 * @example
 * import { number, stream, to, topic, topology } from 'rxkstreams';
 *
 * const payments = topic('payments', number());
 * const copied = topology(() => {
 *   stream(payments).pipe(to(topic('copy', number())));
 *   stream(payments).pipe(to((payment) => `by-key-${payment.key}`, { value: number() }));
 * });
 * copied.describe().includes('topic: copy'); // => true
 *
 * @param topic A topic; or a function that answers each record's topic by name. All must exist.
 * @see foreach
 */
export function to<K, V>(
  topic: Topic<K, V>,
  o?: ToOptions<K, V>,
): OperatorFunction<KRecord<K, V | null, Plain>, never>;
export function to<K, V>(
  topicOf: (record: KRecord<K, V | null, Plain>) => string,
  o: ToChosenOptions<NoInfer<K>, NoInfer<V>>,
): OperatorFunction<KRecord<K, V | null, Plain>, never>;
export function to(
  topic: unknown,
  o: {
    readonly key?: AnySerde;
    readonly value?: AnySerde;
    readonly partitioner?: unknown;
  } = {},
): OperatorFunction<never, never> {
  if (typeof topic !== 'function') checkTopic('to', topic);
  const partitioner = (o.partitioner as Partitioner | undefined) ?? null;
  const sink = typeof topic === 'function' ? chosenSink(topic, o) : fixedSink(topic as AnyTopic);
  return statelessOperator(
    {
      kind: 'to',
      describedAs: 'KSTREAM-SINK',
      name: typeof sink.topic === 'string' ? sink.topic : null,
      accepts: [plain],
      produces: [],
      sink: { ...sink, partitioner },
    },
    (node) => (record) => node.send(record),
  );
}

interface AnyTopic {
  readonly topic: string;
  readonly key: AnySerde;
  readonly value: AnySerde;
}

type SinkHalf = Omit<SinkSpec, 'partitioner'>;

function fixedSink({ topic, key, value }: AnyTopic): SinkHalf {
  return { topic, key, value, repartition: null };
}

function chosenSink(
  topicOf: unknown,
  o: { readonly key?: AnySerde; readonly value?: AnySerde },
): SinkHalf {
  return {
    topic: topicOf as NonNullable<SinkSpec['topic']>,
    key: o.key ?? string(),
    value: o.value as AnySerde,
    repartition: null,
  };
}
