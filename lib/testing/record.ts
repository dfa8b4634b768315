import type { Headers } from '../model/logRecord.ts';
import {
  type Change,
  type KRecord,
  noHeaders,
  type Origin,
  streamRecord,
  tableChange,
} from '../model/record.ts';

/** What a record of a bare marble test carries besides key and value. */
export interface RecordOptions {
  /** Event time, in ms; default 0. */
  readonly timestamp?: number;
  readonly headers?: Headers;
}

const nowhere: Origin = {
  topic: 'test',
  partition: 0,
  offset: 0,
  lane: 0,
  task: null,
  raw: null,
};

/**
 * A record of a stream, for a marble test of an operator without any topology.
 *
 * @example
 * import { record } from 'rxkstreams/testing';
 *
 * record('a', 1, 60_000).timestamp; // => 60000
 *
 * @param at Its timestamp, or more.
 */
export function record<K, V>(key: K, value: V, at: number | RecordOptions = 0): KRecord<K, V> {
  const { timestamp = 0, headers = noHeaders } = typeof at === 'number' ? { timestamp: at } : at;
  return streamRecord(key, value, timestamp, headers, nowhere) as unknown as KRecord<K, V>;
}

/**
 * A change of a table, for a marble test of an operator without any topology.
 *
 * @example
 * import { change } from 'rxkstreams/testing';
 *
 * change('a', 2, 1).previous; // => 1
 *
 * @param previous The row before; null: there was none.
 * @param at Its timestamp, or more.
 */
export function change<K, V>(
  key: K,
  value: V,
  previous: V | null,
  at: number | RecordOptions = 0,
): Change<K, V> {
  const { timestamp = 0, headers = noHeaders } = typeof at === 'number' ? { timestamp: at } : at;
  return tableChange(key, value, previous, timestamp, headers, nowhere) as unknown as Change<K, V>;
}
