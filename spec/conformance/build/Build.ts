import type { Observable } from 'rxjs';
import type {
  GlobalKTable,
  KeyValueStore,
  KRecord,
  KStream,
  KTable,
  Serde,
  SessionStore,
  Topic,
  VersionedStore,
  WindowedByOptions,
  WindowStore,
} from 'rxkstreams';
import { json, keyValueStore, topic } from 'rxkstreams';
import { keys } from '../keys.ts';
import type { Op, Scenario, Window } from '../Scenario.ts';
import type { Json, Key } from '../values.ts';
import type { Aggregator } from '../vocabulary.ts';
import { changesHeaders } from './headers.ts';

export type Stream = KStream<Key, Json>;
export type Table = KTable<Key, Json>;
export type Grouped = Observable<KRecord<Key, Json, 'grouped'>>;
export type GroupedTable = Observable<KRecord<Key, Value, 'grouped table'>>;
export type AnyHandle =
  | KeyValueStore<Key, Json>
  | WindowStore<Key, Json>
  | SessionStore<Key, Json>
  | VersionedStore<Key, Json>;

export interface StreamNode {
  readonly kind: 'stream';
  readonly source: Stream;
  /** Its key has changed since it was partitioned. */
  readonly rekeyed: boolean;
}

export interface TableNode {
  readonly kind: 'table';
  readonly source: Table;
}

export interface GlobalNode {
  readonly kind: 'global table';
  readonly source: GlobalKTable<Key, Json>;
}

/** Grouped streams; several are cogrouped, each with its aggregator. */
export interface GroupNode {
  readonly kind: 'groups';
  readonly members: readonly { readonly source: Grouped; readonly add: Aggregator | null }[];
  readonly window: Window | null;
  readonly emit: Pick<WindowedByOptions<Key, Json>, 'emit' | 'emitIntervalMs'>;
}

export interface TableGroupNode {
  readonly kind: 'table groups';
  readonly source: GroupedTable;
  /** What a row's value is for the aggregation. */
  readonly valueIn: ((row: Json) => Json) | null;
}

export type Node = StreamNode | TableNode | GlobalNode | GroupNode | TableGroupNode;
type OfKind<Kind extends Node['kind']> = Extract<Node, { readonly kind: Kind }>;

/** What a row holds: null deletes it. */
export type Value = NonNullable<Json>;
export const values: Serde<Json> = json<Json>();
/** The same, where no deletion can be. */
export const rowValues: Serde<Value> = json<Value>();

/** One building of a scenario's topology: what the ops before have named, for those behind. */
export class Build {
  readonly scenario: Scenario;
  readonly peek: (id: string, key: Key, value: Json) => void;
  /** The stores by name, to read them. */
  readonly handles: Map<string, AnyHandle>;
  /** Some op changes headers in place: then it shows who shares them. */
  readonly changesHeaders: boolean;
  readonly #nodes: Map<string, Node> = new Map();

  constructor(
    scenario: Scenario,
    peek: (id: string, key: Key, value: Json) => void,
    handles: Map<string, AnyHandle>,
  ) {
    this.scenario = scenario;
    this.peek = peek;
    this.handles = handles;
    this.changesHeaders = changesHeaders(scenario.topology);
  }

  name(id: string, node: Node): void {
    this.#nodes.set(id, node);
  }

  /** What the op has named, if it is a stream, made into another. */
  replace({ id }: Op, change: (source: Stream) => Stream): void {
    const node = id === undefined ? undefined : this.#nodes.get(id);
    if (id === undefined || node?.kind !== 'stream') return;
    this.#nodes.set(id, { ...node, source: change(node.source) });
  }

  /** What the op names comes from: its first input, or another. */
  input(op: Op, index = 0): Node {
    const id = op.from?.[index];
    const node = id === undefined ? undefined : this.#nodes.get(id);
    if (node === undefined)
      throw new Error(`${describe(op)} takes '${id}', which nothing has named`);
    return node;
  }

  inputOf<Kind extends Node['kind']>(op: Op, kind: Kind, index = 0): OfKind<Kind> {
    const node = this.input(op, index);
    if (node.kind === kind) return node as OfKind<Kind>;
    throw new Error(`${describe(op)} takes a ${kind}, but input ${index} is a ${node.kind}`);
  }

  inputs<Kind extends Node['kind']>(op: Op, kind: Kind): readonly OfKind<Kind>[] {
    return (op.from ?? []).map((_, index) => this.inputOf(op, kind, index));
  }

  /** A store of the op, remembered so that it can be read. */
  keep<Handle extends AnyHandle>(handle: Handle): Handle {
    this.handles.set(handle.store, handle);
    return handle;
  }

  keyValue(name: string): KeyValueStore<Key, Json> {
    return this.keep(keyValueStore<Json, Key>(name, values, { key: keys }));
  }

  /** A store of a table's rows. */
  rows(name: string): KeyValueStore<Key, Value> {
    return this.keyValue(name) as KeyValueStore<Key, unknown> as KeyValueStore<Key, Value>;
  }

  /** The store the op names, if it names one. */
  storeOption(op: Op): { readonly store?: KeyValueStore<Key, Json> } {
    return op.store === undefined ? {} : { store: this.keyValue(op.store) };
  }

  rowsOption(op: Op): { readonly store?: KeyValueStore<Key, Value> } {
    return op.store === undefined ? {} : { store: this.rows(op.store) };
  }
}

export function topicOf(name: string): Topic<Key, Json> {
  return topic<Key, Json>(name, keys, values);
}

export function idOf(op: Op): string {
  if (op.id === undefined) throw new Error(`${describe(op)} has no id`);
  return op.id;
}

/** A parameter the op must have. */
export function need<T>(op: Op, what: string, value: T | undefined): T {
  if (value === undefined) throw new Error(`${describe(op)} has no ${what}`);
  return value;
}

export function describe(op: Op): string {
  return `op ${op.op}${op.id === undefined ? '' : ` '${op.id}'`}`;
}
