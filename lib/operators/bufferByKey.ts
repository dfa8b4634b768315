import type { OperatorFunction } from 'rxjs';
import { StreamsError } from '../errors.ts';
import { type AnyRecord, type KRecord, origin, streamRecord } from '../model/record.ts';
import { endOfTime } from '../model/windows/TimeWindows.ts';
import { wholeMs } from '../model/windows/wholeMs.ts';
import type { KeyValueStore } from '../serde/handles.ts';
import { clockCause } from './internal/clockCause.ts';
import { checkKey } from './internal/guards.ts';
import { HeldRecords, heldStore, type WaitingTime } from './internal/HeldRecords.ts';
import { partitioned, statefulOperator } from './internal/operator.ts';

/** When a key's buffer goes: when it is full, and (with `spanMs`) when it is that old. */
export interface BufferOptions {
  /** The most values a buffer holds: a bound, so it is required. */
  readonly count: number;
  /** Counted from the buffer's first record. Default: it waits until it is full. */
  readonly spanMs?: number;
  /** The time of `spanMs`. Default: `stream`, the same in every run. */
  readonly time?: WaitingTime;
}

/**
 * RxJS's `bufferCount` and `bufferTime`, for each key, and what is gathered survives a restart.
 *
 *   orders                     a1  b5  a2      a3
 *   bufferByKey({ count: 2 })          a[1,2]
 *
 * Partitions: reads by key. Store: what is gathered. Emits: a list, at the highest timestamp in it,
 * with the headers of the record that filled it. Null: null keys and null values are dropped and
 * counted.
 *
 * @example
 * import {
 *   bufferByKey, json, keyValueStore, number, stream, to, topic, topology,
 * } from 'rxkstreams';
 *
 * const batches = topology(() => {
 *   stream(topic('orders', number())).pipe(
 *     bufferByKey(keyValueStore('orders-gathered', json<readonly number[]>()), {
 *       count: 100,
 *       spanMs: 5_000,
 *     }),
 *     to(topic('batches', json<readonly number[]>())),
 *   );
 * });
 * batches.describe().includes('orders-gathered'); // => true
 *
 * @param store Names and encodes what is gathered; it cannot be queried.
 * @see aggregate
 */
export function bufferByKey<K, V>(
  store: KeyValueStore<K, readonly V[]>,
  o: BufferOptions,
): OperatorFunction<KRecord<K, V>, KRecord<K, readonly V[]>> {
  const { count, spanMs, time = 'stream' } = o;
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new StreamsError('INVALID_OPTION', `bufferByKey: count is ${count}; give 1 or more.`);
  }
  if (spanMs !== undefined) wholeMs('bufferByKey', 'spanMs', spanMs, 1);
  return statefulOperator(
    {
      kind: 'bufferByKey',
      describedAs: 'KSTREAM-BUFFER',
      name: store.store,
      accepts: [partitioned],
      stores: () => [heldStore(store, store.value)],
    },
    [],
    (node) => {
      const held = new HeldRecords<readonly unknown[]>(node, time, ({ key, value, timestamp }) =>
        node.emit(list(key, value, timestamp, clockCause(node, timestamp))),
      );
      const take = (record: AnyRecord): void => {
        const { key, value, timestamp } = record;
        if (key === null || value === null) {
          node.drop(record, key === null ? 'null key' : 'null value');
          return;
        }
        checkKey(node, record);
        const now = held.observe(record);
        held.release(now - 1);
        const known = held.find(key);
        const values = known === undefined ? [value] : [...known.value, value];
        const latest = Math.max(timestamp, known?.timestamp ?? timestamp);
        if (values.length >= count) {
          held.delete(key);
          node.emit(list(key, values, latest, record));
        } else {
          held.put(key, known?.major ?? dueOf(time, timestamp, now, spanMs), values, latest);
        }
        held.release(now);
      };
      return {
        inputs: [take],
        onTime: () => held.release(held.now),
        latestDue: () => held.latestDue,
        onClose: () => held.close(),
      };
    },
  );
}

function dueOf(time: WaitingTime, timestamp: number, now: number, spanMs?: number): number {
  if (spanMs === undefined) return endOfTime;
  return (time === 'stream' ? timestamp : now) + spanMs;
}

function list(
  key: unknown,
  values: readonly unknown[],
  timestamp: number,
  cause: AnyRecord,
): AnyRecord {
  return streamRecord(key, values, timestamp, cause.headers, cause[origin]);
}
