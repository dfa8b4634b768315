import type { Observable } from 'rxjs';
import { type AnyRecord, type KRecord, origin, streamRecord } from '../../model/record.ts';
import { json } from '../../serde/json.ts';
import type { AnySerde, Serde } from '../../serde/Serde.ts';
import { string } from '../../serde/string.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import type { Partitioner, RepartitionSpec } from '../../topology/NodeSpec.ts';
import { currentScope } from '../../topology/scope.ts';
import { plain, statefulNode } from './operator.ts';

export interface RepartitionOptions<K, V> {
  /** How keys become bytes; default: strings. */
  readonly key?: Serde<K>;
  /** How values become bytes; default: JSON. */
  readonly value?: Serde<V>;
  /**
   * How many partitions the topic is made with; default: as many as the widest topic it is written
   * from.
   */
  readonly partitions?: number;
  /** Chooses the partition; default: by the key's bytes, as Kafka's own producer does. */
  readonly partitioner?: (record: KRecord<K, V>, partitions: number) => number;
}

/** The same, whatever its types. */
export interface AnyRepartitionOptions {
  readonly key?: AnySerde;
  readonly value?: AnySerde;
  readonly partitions?: number;
  readonly partitioner?: (record: never, partitions: number) => number;
}

/**
 * Writes records to an internal topic and reads them again, so that each lies where its key says.
 * Outside any topology there is one partition: the record only takes its key for granted.
 */
export function throughTopic(
  kind: string,
  name: string,
  source: Observable<unknown>,
  o: AnyRepartitionOptions,
  rekeyed: (record: AnyRecord) => AnyRecord,
): Observable<AnyRecord> {
  const spec: RepartitionSpec = {
    name,
    key: o.key ?? string(),
    value: o.value ?? json(),
    partitions: o.partitions ?? null,
    partitioner: (o.partitioner as Partitioner | undefined) ?? null,
  };
  const node = { kind, describedAs: 'KSTREAM-SINK', name, accepts: [plain] };
  if (currentScope().kind === 'bare') {
    const inPlace = (context: NodeContext) => (record: AnyRecord) => {
      const { key, value, timestamp, headers, [origin]: from } = rekeyed(record);
      context.emit(streamRecord(key, value, timestamp, headers, from));
    };
    const [out] = statefulNode<AnyRecord>(
      { ...node, produces: ['partitioned'] },
      [source],
      (c) => ({
        inputs: [inPlace(c)],
      }),
    );
    return out as Observable<AnyRecord>;
  }
  const { key, value, partitioner } = spec;
  statefulNode(
    { ...node, produces: [], sink: { topic: null, key, value, partitioner, repartition: spec } },
    [source],
    (context) => ({ inputs: [(record) => context.send(rekeyed(record))] }),
  );
  return currentScope().source({
    topics: [name],
    pattern: null,
    key,
    value,
    timestampOf: null,
    undecodable: null,
    repartition: spec,
  });
}
