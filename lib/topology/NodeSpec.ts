import type { ErrorPolicy } from '../model/ErrorPolicy.ts';
import type { LogRecord } from '../model/logRecord.ts';
import type { AnyRecord, Stage } from '../model/record.ts';
import type { AnyStore, StoreKind } from '../serde/handles.ts';
import type { AnySerde, Serde } from '../serde/Serde.ts';
import type { RowStoreOptions } from '../state/RowStore.ts';

export type { AnySerde };

/** What an operator tells the plan about itself when it is applied. */
export interface NodeSpec {
  /** The operator's name: `mapValues`, `count`. */
  readonly kind: string;
  /** The word Kafka Streams' `describe` has for it: `KSTREAM-MAPVALUES`. */
  readonly describedAs: string;
  /** What the user named it; null where nothing outlives the process. */
  readonly name: string | null;
  /** For each input: what may come in. */
  readonly accepts: readonly (readonly Stage[])[];
  /** For each output: what goes out; null: the same as comes in by the first input. */
  readonly produces: readonly (Stage | null)[];
  /** Its kernel asks of a value only whether it is null: a source need not decode it. */
  readonly ignoresValues?: boolean;
  /** Inputs must have as many partitions as one another: a join. */
  readonly copartitioned?: boolean;
  /** It writes to a topic. */
  readonly sink?: SinkSpec;
  /** The stores it opens, by what comes in. */
  readonly stores?: (inputs: readonly Lineage[]) => readonly StoreSpec[];
  /**
   * What its (first) output descends from; default: unknown for streams, the first input's for
   * tables.
   */
  readonly lineage?: (inputs: readonly Lineage[]) => Lineage;
}

/**
 * What is known of a table's or windowed stream's descent, for those behind it that need a name or
 * serdes of their own (`suppress` names its buffer after the store before it).
 */
export interface Lineage {
  /** The nearest store upstream. */
  readonly store: string | null;
  readonly key: AnySerde | null;
  /** Null as soon as a function has changed the values' type. */
  readonly value: AnySerde | null;
}

export const unknownLineage: Lineage = { store: null, key: null, value: null };

/** A store an operator opens; `role` is how its kernel asks for it. */
export interface StoreSpec {
  readonly role: string;
  readonly name: string;
  /** `buffer`: an operator's own (joins, suppress); users cannot query it. */
  readonly kind: StoreKind | 'buffer';
  readonly key: AnySerde;
  readonly value: AnySerde;
  readonly timeIndex: boolean;
  /**
   * `topic`: a changelog topic of its own. `source`: the topic it is read from is its changelog.
   * `none`: lost with the process.
   */
  readonly changelog: 'topic' | 'source' | 'none';
  /** Several operators may open it (processors that share a store). */
  readonly shared?: boolean;
  readonly formerly?: string | undefined;
  readonly retentionMs?: number | undefined;
}

export interface SourceSpec {
  /** What the user handed to `stream` or `table`; null for a pattern. */
  readonly topics: readonly string[];
  readonly pattern: RegExp | null;
  readonly key: AnySerde;
  readonly value: AnySerde;
  /**
   * The event time of a record; negative: the record is dropped and counted. Default: the record's
   * timestamp.
   */
  readonly timestampOf: ((record: TimestampInput) => number) | null;
  readonly undecodable: ErrorPolicy | null;
  /**
   * Set on the reading half of a repartition: its name; `topics` then holds the name without the
   * application's prefix.
   */
  readonly repartition: RepartitionSpec | null;
}

/** What a timestamp extractor sees. */
export interface TimestampInput {
  readonly key: unknown;
  readonly value: unknown;
  readonly topic: string;
  readonly partition: number;
  readonly record: LogRecord;
  /** The highest event time of this partition so far; -1 at first. */
  readonly partitionTime: number;
}

export interface RepartitionSpec {
  readonly name: string;
  readonly key: AnySerde;
  readonly value: AnySerde;
  /** Default: as many as the widest source of the tasks that write it. */
  readonly partitions: number | null;
  readonly partitioner: Partitioner | null;
}

/** Chooses the partition of a record. */
export type Partitioner = (record: AnyRecord, partitions: number) => number;

export interface SinkSpec {
  /** A user's topic, or one chosen for each record; null for a repartition. */
  readonly topic: string | ((record: AnyRecord) => string) | null;
  readonly key: AnySerde;
  readonly value: AnySerde;
  readonly partitioner: Partitioner | null;
  readonly repartition: RepartitionSpec | null;
}

/** The spec of a store the user named. */
export function storeSpec(
  handle: AnyStore,
  o: Partial<StoreSpec> & { readonly role?: string } = {},
): StoreSpec {
  return {
    role: 'rows',
    name: handle.store,
    kind: handle.kind,
    key: handle.key,
    value: handle.value,
    timeIndex: handle.kind !== 'key-value' || handle.ttlMs !== undefined,
    changelog: 'topic',
    formerly: handle.formerly,
    retentionMs: handle.retentionMs,
    ...o,
  };
}

/** What opens the store of a spec; its kernel knows the types. */
export function rowStoreOptions(
  { name, key, value, timeIndex }: StoreSpec,
  changelog: boolean,
): RowStoreOptions<unknown, unknown> {
  return {
    name,
    key: key as Serde<unknown>,
    value: value as Serde<unknown>,
    timeIndex,
    changelog,
  };
}
