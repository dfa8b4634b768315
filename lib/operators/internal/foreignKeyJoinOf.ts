import type { Observable, OperatorFunction } from 'rxjs';
import type { KeyValueStore } from '../../serde/handles.ts';
import { type AnyStore, keyValueStore } from '../../serde/handles.ts';
import { json } from '../../serde/json.ts';
import type { AnySerde, Serde } from '../../serde/Serde.ts';
import { string } from '../../serde/string.ts';
import type { Kernel, NodeContext } from '../../topology/NodeContext.ts';
import type { Lineage, RepartitionSpec, StoreSpec } from '../../topology/NodeSpec.ts';
import { currentScope } from '../../topology/scope.ts';
import {
  answering,
  type ForeignKeyJoin,
  resolving,
  subscribing,
  untyped,
} from './foreignKeyKernels.ts';
import {
  type Answer,
  answerSerde,
  subscriptionKeySerde,
  subscriptionSerde,
} from './foreignKeyWire.ts';
import { type NodeOptions, partitioned, statefulNode, table } from './operator.ts';
import { tableStoreSpec } from './tableRows.ts';

export interface ForeignKeyJoinOptions<K, FK, VT, R> {
  /** How the left table's keys become bytes; default: strings. */
  readonly key?: Serde<K>;
  /** How foreign keys become bytes; the same as the right table's keys; default: strings. */
  readonly foreignKey?: Serde<FK>;
  /** How the right table's values become bytes on their way to the left; default: JSON. */
  readonly value?: Serde<VT>;
  /**
   * Where the joined rows are kept, to query them; default: a store under the join's name, as JSON.
   */
  readonly store?: KeyValueStore<K, R>;
}

/** The same, whatever its types. */
export interface AnyForeignKeyJoinOptions {
  readonly key?: AnySerde;
  readonly foreignKey?: AnySerde;
  readonly value?: AnySerde;
  readonly store?: AnyStore;
}

interface Parts {
  readonly name: string;
  readonly kind: string;
  readonly join: ForeignKeyJoin;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly store: AnyStore;
}

/**
 * A foreign-key join is three operators: the left side subscribes with the task of its foreign key,
 * that task answers, and the left side joins the answer with its row. Two topics lie between them;
 * outside any topology they are one.
 */
export function foreignKeyJoinOf(
  kind: 'foreignKeyJoin' | 'foreignKeyLeftJoin',
  name: string,
  right: Observable<unknown>,
  functions: Pick<ForeignKeyJoin, 'foreignKeyOf' | 'joiner'>,
  o: AnyForeignKeyJoinOptions,
): OperatorFunction<unknown, never> {
  const key = untyped(o.key ?? o.store?.key ?? string());
  const foreignKey = untyped(o.foreignKey ?? string());
  const parts: Parts = {
    name,
    kind,
    join: { ...functions, left: kind === 'foreignKeyLeftJoin', foreignKey },
    key,
    value: untyped(o.value ?? json()),
    store: o.store ?? keyValueStore(name, json<unknown>(), { key }),
  };
  return (left) =>
    (currentScope().kind === 'bare'
      ? inOne(parts, left, right)
      : inThree(parts, left, right)) as Observable<never>;
}

function inThree(
  parts: Parts,
  left: Observable<unknown>,
  right: Observable<unknown>,
): Observable<unknown> {
  const { name, kind, join, key, value } = parts;
  const scope = currentScope();
  const subscriptions = repartition(
    `${name}-subscription`,
    join.foreignKey,
    subscriptionSerde(key),
    null,
  );
  const answers = repartition(
    `${name}-response`,
    key,
    answerSerde(value),
    ({ value: answer }) => (answer as Answer).partition,
  );
  statefulNode(
    {
      kind: `${kind} subscription`,
      describedAs: 'KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION',
      name,
      accepts: [table],
      produces: [],
      sink: sinkTo(subscriptions),
    },
    [left],
    (node) => ({ inputs: [subscribing(node, node.table(0), join, (m) => node.send(m))] }),
  );
  statefulNode(
    {
      kind: `${kind} answer`,
      describedAs: 'KTABLE-FK-JOIN-SUBSCRIPTION-PROCESSOR',
      name,
      accepts: [partitioned, table],
      produces: [],
      copartitioned: true,
      sink: sinkTo(answers),
      stores: () => [subscriptionStore(parts)],
    },
    [scope.source(sourceOf(subscriptions)), right],
    (node) => {
      const { subscription, change } = answering(node, node.table(1), join, (m) => node.send(m));
      return { inputs: [subscription, change] };
    },
  );
  const [result] = statefulNode<unknown>(
    { ...resultOptions(parts), accepts: [partitioned, table], copartitioned: true },
    [scope.source(sourceOf(answers)), left],
    (node) => {
      const { take, view } = resolving(node, node.table(1), join);
      return { inputs: [take, () => {}], view };
    },
  );
  return result as Observable<unknown>;
}

/** Without topics: what one part sends, the next has at once. */
function inOne(
  parts: Parts,
  left: Observable<unknown>,
  right: Observable<unknown>,
): Observable<unknown> {
  const options = resultOptions(parts);
  const [result] = statefulNode<unknown>(
    {
      ...options,
      accepts: [table, table],
      stores: (inputs) => [...(options.stores?.(inputs) ?? []), subscriptionStore(parts)],
    },
    [left, right],
    (node) => kernelOfOne(node, parts.join),
  );
  return result as Observable<unknown>;
}

function kernelOfOne(node: NodeContext, join: ForeignKeyJoin): Kernel {
  const { take, view } = resolving(node, node.table(0), join);
  const { subscription, change } = answering(node, node.table(1), join, take);
  const subscribe = subscribing(node, node.table(0), join, subscription);
  return { inputs: [subscribe, change], view };
}

function resultOptions({ kind, name, store }: Parts): NodeOptions {
  return {
    kind,
    describedAs: 'KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-RESOLVER-PROCESSOR',
    name,
    produces: ['table'],
    stores: () => [tableStoreSpec(store)],
    lineage: (): Lineage => ({ store: store.store, key: store.key, value: store.value }),
  };
}

function subscriptionStore({ name, join, key }: Parts): StoreSpec {
  return {
    role: 'subscriptions',
    name: `${name}-subscriptions`,
    kind: 'buffer',
    key: subscriptionKeySerde(join.foreignKey, key),
    value: json(),
    timeIndex: false,
    changelog: 'topic',
  };
}

function repartition(
  name: string,
  key: AnySerde,
  value: AnySerde,
  partitioner: RepartitionSpec['partitioner'],
): RepartitionSpec {
  return { name, key, value, partitions: null, partitioner };
}

function sinkTo(spec: RepartitionSpec): NonNullable<NodeOptions['sink']> {
  const { key, value, partitioner } = spec;
  return { topic: null, key, value, partitioner, repartition: spec };
}

function sourceOf(spec: RepartitionSpec): Parameters<ReturnType<typeof currentScope>['source']>[0] {
  return {
    topics: [spec.name],
    pattern: null,
    key: spec.key,
    value: spec.value,
    timestampOf: null,
    undecodable: null,
    repartition: spec,
  };
}
