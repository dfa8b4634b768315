import type { Observable, OperatorFunction } from 'rxjs';
import {
  type AnyRecord,
  type Change,
  type KRecord,
  origin,
  streamRecord,
  tableChange,
} from '../model/record.ts';
import { json } from '../serde/json.ts';
import type { AnySerde, Serde } from '../serde/Serde.ts';
import { string } from '../serde/string.ts';
import type { NodeContext } from '../topology/NodeContext.ts';
import type { RepartitionSpec } from '../topology/NodeSpec.ts';
import { currentScope } from '../topology/scope.ts';
import { groupedSource } from './internal/grouping.ts';
import { ChangeGuard } from './internal/guards.ts';
import { partitioned, statefulNode, table } from './internal/operator.ts';
import { type RowChange, rowChange } from './internal/rowChange.ts';
import { sameKey } from './internal/sameKey.ts';

export interface GroupTableOptions<K, V> {
  /** How the groups' keys become bytes; default: strings. */
  readonly key?: Serde<K>;
  /** How rows become bytes; default: JSON. */
  readonly value?: Serde<V>;
  /**
   * How many partitions the topic is made with; default: as many as the widest topic the table
   * comes from.
   */
  readonly partitions?: number;
}

/**
 * Groups the rows of a table by another key. What is aggregated behind it takes a row out of its
 * old group and puts it into its new one.
 *
 *   customers                    a{fi}    b{fi}    a{se}
 *   groupTableBy(c => c.country) fi+a     fi+b     fi-a se+a
 *   count                        fi1      fi2      fi1  se1
 *
 * Partitions: by the new key, through a topic `<app>-<name>-repartition`. Store: none. Emits: one
 * record where the group stays, else the old row, then the new. Null: rows whose new key is null
 * belong to no group.
 *
 * Out-of-order rows of a versioned table change no group. Semantics: Kafka Streams' KTable.groupBy.
 *
 * @example
 * import { count, groupTableBy, json, keyValueStore, number } from 'rxkstreams';
 * import { table, topic, topology } from 'rxkstreams';
 *
 * const customers = topic('customers', json<{ country: string }>());
 * const app = topology(() => {
 *   table(customers).pipe(
 *     groupTableBy('customers-by-country', (customer) => customer.country),
 *     count(keyValueStore('customers-per-country', number())),
 *   );
 * });
 * app.describe().includes('customers-by-country'); // => true
 *
 * @param name Names the topic, so it must stay the same from one version of the program to the
 * next.
 * @param select The row's new key; it must answer the same for the same row.
 * @see groupByKey, aggregate, reduce, count
 */
export function groupTableBy<K, V, K2>(
  name: string,
  select: (value: NonNullable<NoInfer<V>>, key: NoInfer<K>) => K2,
  o: GroupTableOptions<NoInfer<K2>, NonNullable<NoInfer<V>>> = {},
): OperatorFunction<Change<K, V>, KRecord<NonNullable<K2>, NonNullable<V>, 'grouped table'>> {
  const keyOf = select as (value: unknown, key: unknown) => unknown;
  const key: AnySerde = o.key ?? string();
  const spec: RepartitionSpec = {
    name,
    key,
    value: rowChange((o.value ?? json()) as AnySerde as Serde<unknown>),
    partitions: o.partitions ?? null,
    partitioner: null,
  };
  return (source) =>
    groupedSource({
      source:
        currentScope().kind === 'bare'
          ? inPlace(name, source, keyOf, key)
          : throughTopic(spec, source, keyOf),
      table: true,
      windows: null,
      late: null,
      emit: 'on update',
      emitIntervalMs: 0,
    });
}

const describedAs = 'KTABLE-SELECT';

function inPlace(
  name: string,
  source: Observable<unknown>,
  keyOf: KeyOf,
  serde: AnySerde,
): Observable<unknown> {
  const [out] = statefulNode<unknown>(
    { kind: 'groupTableBy', describedAs, name, accepts: [table], produces: ['grouped table'] },
    [source],
    (node) => ({
      inputs: [
        regrouping(node, keyOf, serde, (cause, key, change) =>
          node.emit(regrouped(cause, key, change)),
        ),
      ],
    }),
  );
  return out as Observable<unknown>;
}

function throughTopic(
  spec: RepartitionSpec,
  source: Observable<unknown>,
  keyOf: KeyOf,
): Observable<unknown> {
  const { name, key, value } = spec;
  statefulNode(
    {
      kind: 'groupTableBy',
      describedAs,
      name,
      accepts: [table],
      produces: [],
      sink: { topic: null, key, value, partitioner: null, repartition: spec },
    },
    [source],
    (node) => ({
      inputs: [
        regrouping(node, keyOf, key, (cause, group, change) =>
          node.send(streamRecord(group, change, cause.timestamp, cause.headers, cause[origin])),
        ),
      ],
    }),
  );
  const records = currentScope().source({
    topics: [name],
    pattern: null,
    key,
    value,
    timestampOf: null,
    undecodable: null,
    repartition: spec,
  });
  const [out] = statefulNode<unknown>(
    {
      kind: 'grouped',
      describedAs: 'KTABLE-GROUPED',
      name,
      accepts: [partitioned],
      produces: ['grouped table'],
    },
    [records],
    (node) => ({
      inputs: [(record) => node.emit(regrouped(record, record.key, record.value as RowChange))],
    }),
  );
  return out as Observable<unknown>;
}

type KeyOf = (value: unknown, key: unknown) => unknown;

/** Hands on what leaves a group and what joins one; together where the group is the same. */
function regrouping(
  node: NodeContext,
  keyOf: KeyOf,
  serde: AnySerde,
  send: (cause: AnyRecord, group: unknown, change: RowChange) => void,
): (change: AnyRecord) => void {
  const view = node.table<unknown, unknown>(0);
  view.tellsPrevious?.(true);
  const guard = new ChangeGuard(node);
  const groupOf = (value: unknown, key: unknown): unknown =>
    value === null ? null : (keyOf(value, key) ?? null);
  return (change) => {
    guard.check(change);
    const { key, value, previous, timestamp } = change;
    const latest = view.latestTime?.(key);
    if (latest !== undefined && latest > timestamp) return;
    const before = groupOf(previous, key);
    const after = groupOf(value, key);
    if (before !== null && after !== null && sameKey(serde, before, after)) {
      send(change, after, { value, previous });
      return;
    }
    if (before !== null) send(change, before, { value: null, previous });
    if (after !== null) send(change, after, { value, previous: null });
  };
}

function regrouped(cause: AnyRecord, key: unknown, change: RowChange): AnyRecord {
  const { value, previous } = change;
  return tableChange(key, value, previous, cause.timestamp, cause.headers, cause[origin]);
}
