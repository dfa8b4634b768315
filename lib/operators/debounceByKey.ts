import type { OperatorFunction } from 'rxjs';
import { type AnyRecord, type KRecord, origin } from '../model/record.ts';
import { wholeMs } from '../model/windows/wholeMs.ts';
import type { KeyValueStore } from '../serde/handles.ts';
import {
  type BufferedChange,
  bufferedChange,
  placeIn,
  resumed,
} from './internal/bufferedChange.ts';
import { checkKey } from './internal/guards.ts';
import { HeldRecords, heldStore, type WaitingTime } from './internal/HeldRecords.ts';
import { partitioned, statefulOperator } from './internal/operator.ts';

export interface DebounceOptions {
  /** Default: `stream`, the same in every run. */
  readonly time?: WaitingTime;
}

/**
 * RxJS's `debounceTime`, for each key, and what waits survives a restart: the last record of a key
 * once it was quiet for `dueMs`.
 *
 *   event time       0   5   12  30      dueMs 10
 *   typed            a1  a2  b1  b2
 *   debounceByKey                a2 b1   at 15 and 22, noticed when time gets to 30
 *
 * Partitions: reads by key. Store: the records that wait. Emits: the last record, with its own
 * timestamp and headers, in order of (due time, key). Null: null keys are dropped and counted; a
 * null value is a value like others.
 *
 * Stream time moves by all keys' records (and by the application's option `idle`); by the wall
 * clock a record comes out by itself, and in another run perhaps beside others.
 *
 * @example
 * import { debounceByKey, json, keyValueStore, stream, to, topic, topology } from 'rxkstreams';
 *
 * const alerts = topic('alerts', json<{ score: number }>());
 * const calm = topology(() => {
 *   stream(alerts).pipe(
 *     debounceByKey(keyValueStore('alerts-waiting', json<{ score: number }>()), 30_000),
 *     to(topic('calm-alerts', json<{ score: number }>())),
 *   );
 * });
 * calm.describe().includes('alerts-waiting'); // => true
 *
 * @param store Names and encodes what waits; it cannot be queried.
 * @param dueMs How long a key must be quiet.
 * @see throttleByKey, suppress
 */
export function debounceByKey<K, V>(
  store: KeyValueStore<K, V>,
  dueMs: number,
  o: DebounceOptions = {},
): OperatorFunction<KRecord<K, V>, KRecord<K, V>> {
  wholeMs('debounceByKey', 'dueMs', dueMs, 0);
  return statefulOperator(
    {
      kind: 'debounceByKey',
      describedAs: 'KSTREAM-DEBOUNCE',
      name: store.store,
      accepts: [partitioned],
      stores: () => [heldStore(store, bufferedChange(store.value))],
    },
    [],
    (node) => {
      const held = new HeldRecords<BufferedChange>(node, o.time ?? 'stream', (row) =>
        node.emit(resumed(node, row)),
      );
      const take = (record: AnyRecord): void => {
        const { key, value, timestamp, headers } = record;
        if (key === null) {
          node.drop(record, 'null key');
          return;
        }
        checkKey(node, record);
        const now = held.observe(record);
        // What was due before this instant is out; what is due in it still gives way to a record of
        // its key.
        held.release(now - 1);
        const from = o.time === 'wall-clock' ? now : timestamp;
        const due = Math.max(from + dueMs, held.find(key)?.major ?? 0);
        const change = { value, prior: null, previous: null, headers, ...placeIn(record[origin]) };
        held.put(key, due, change, timestamp);
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
