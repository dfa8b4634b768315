import type { Observable } from 'rxjs';
import type { Headers, LogRecord } from './logRecord.ts';

/** Symbol under which a record carries where it came from. */
export const origin: unique symbol = Symbol('origin');
/** Symbol under which a record carries the key it was partitioned by. */
export const partitionedKey: unique symbol = Symbol('partitionedKey');
/** Symbol under which a table's change carries its number, so that a lost one is noticed. */
export const changeNumber: unique symbol = Symbol('changeNumber');
/** In types only: what may follow. No record has it at run time. */
export declare const stage: unique symbol;

/**
 * What a record is, and so what may follow it in a pipeline. It is one type parameter, so the last
 * line of the compiler's message is the remedy.
 */
export type Stage =
  | 'partitioned'
  | 'key changed: repartition() first'
  | 'grouped'
  | 'windowed'
  | 'sessions'
  | 'grouped table'
  | 'table'
  | 'global table';

export type Rekeyed = 'key changed: repartition() first';
/** The stages of a stream. */
export type Plain = 'partitioned' | Rekeyed;

/** Where a record came from: the input record whose turn it is. */
export interface Origin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Of a repartition topic: the partition of the upstream task that wrote it; else 0. */
  readonly lane: number;
  /** The task whose turn it is, as `0_3`; null outside any topology. */
  readonly task: string | null;
  /** As it lay in the log; null outside any topology, and for what a clock set off. */
  readonly raw: LogRecord | null;
}

/** A record of a stream, or a change of a table: then `previous` is the row before it. */
export interface KRecord<K, V, S extends Stage = 'partitioned'> {
  readonly key: K;
  readonly value: V;
  /** Event time, in ms since the epoch. */
  readonly timestamp: number;
  readonly headers: Headers;
  readonly previous: S extends 'table' | 'global table' ? V | null : undefined;
  readonly [origin]: Origin;
  readonly [stage]: S;
}

/** A change of a table. `V` contains null exactly when the table can delete. */
export type Change<K, V, S extends 'table' | 'global table' = 'table'> = KRecord<K, V, S>;
export type KStream<K, V> = Observable<KRecord<K, V>>;
export type KTable<K, V> = Observable<Change<K, V>>;
export type GlobalKTable<K, V> = Observable<Change<K, V, 'global table'>>;

/**
 * The one shape of all records at run time. A class for its hidden class alone: all fields are own,
 * so a spread (`{ ...record, value }`) keeps them, symbols included.
 */
class RecordShape {
  readonly key: unknown;
  readonly value: unknown;
  readonly timestamp: number;
  readonly headers: Headers;
  readonly previous: unknown;
  readonly [origin]: Origin;
  readonly [partitionedKey]: unknown;
  readonly [changeNumber]: number;

  constructor(
    key: unknown,
    value: unknown,
    timestamp: number,
    headers: Headers,
    previous: unknown,
    from: Origin,
    partitioned: unknown,
    change: number,
  ) {
    this.key = key;
    this.value = value;
    this.timestamp = timestamp;
    this.headers = headers;
    this.previous = previous;
    this[origin] = from;
    this[partitionedKey] = partitioned;
    this[changeNumber] = change;
  }
}

/** It is the very record one of ours made, no copy of it. */
export function isAsMade(record: AnyRecord): boolean {
  return record instanceof RecordShape;
}

/** A record as the runtime and the kernels of operators see it: whatever its types and stage. */
export interface AnyRecord {
  readonly key: unknown;
  readonly value: unknown;
  readonly timestamp: number;
  readonly headers: Headers;
  readonly previous: unknown;
  readonly [origin]: Origin;
  readonly [partitionedKey]: unknown;
  /** 0 on streams; changes of one table count from 1. */
  readonly [changeNumber]: number;
}

export const noHeaders: Headers = [];

/** A record of a stream that is partitioned by its key. */
export function streamRecord(
  key: unknown,
  value: unknown,
  timestamp: number,
  headers: Headers,
  from: Origin,
): AnyRecord {
  return new RecordShape(key, value, timestamp, headers, undefined, from, key, 0);
}

/** A change of a table; `change` is numbered by the node that emits it. */
export function tableChange(
  key: unknown,
  value: unknown,
  previous: unknown,
  timestamp: number,
  headers: Headers,
  from: Origin,
  change = 0,
): AnyRecord {
  return new RecordShape(key, value, timestamp, headers, previous, from, key, change);
}

/** The same record with another value. */
export function withValue(record: AnyRecord, value: unknown): AnyRecord {
  return new RecordShape(
    record.key,
    value,
    record.timestamp,
    record.headers,
    undefined,
    record[origin],
    record[partitionedKey],
    0,
  );
}

/** The same record with another key: what it was partitioned by stays behind, and tells. */
export function withKey(record: AnyRecord, key: unknown): AnyRecord {
  return new RecordShape(
    key,
    record.value,
    record.timestamp,
    record.headers,
    undefined,
    record[origin],
    record[partitionedKey],
    0,
  );
}

/** What a processor forwards for a record: what that was partitioned by stays behind, and tells. */
export function forwarded(
  record: AnyRecord,
  key: unknown,
  value: unknown,
  timestamp: number,
  headers: Headers,
): AnyRecord {
  const { [origin]: from, [partitionedKey]: partitioned } = record;
  return new RecordShape(key, value, timestamp, headers, undefined, from, partitioned, 0);
}

/** The same change, numbered. */
export function numbered(record: AnyRecord, change: number): AnyRecord {
  return new RecordShape(
    record.key,
    record.value,
    record.timestamp,
    record.headers,
    record.previous,
    record[origin],
    record[partitionedKey],
    change,
  );
}
