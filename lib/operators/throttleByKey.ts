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

export interface ThrottleOptions {
  /** The first record of a key comes through at once. Default: true. */
  readonly leading?: boolean;
  /** The last one that was held back comes through when the time is over. Default: false. */
  readonly trailing?: boolean;
  /** Default: `stream`, the same in every run. */
  readonly time?: WaitingTime;
}

/** Marks a key that is quiet without a record that waits. */
const nothing = -2;

/**
 * RxJS's `throttleTime`, for each key, and it survives a restart: a record comes through, then for
 * `durationMs` none of its key.
 *
 *   event time       0   5   8   12      durationMs 10
 *   ticks            a1  a2  b1  a3
 *   throttleByKey    a1      b1  a3
 *
 * Partitions: reads by key. Store: which keys are held back, and with `trailing` their last record.
 * Emits: records as they are. Null: null keys are dropped and counted; a null value is a value like
 * others.
 *
 * @example
 * import { keyValueStore, number, stream, throttleByKey, to, topic, topology } from 'rxkstreams';
 *
 * const slower = topology(() => {
 *   stream(topic('ticks', number())).pipe(
 *     throttleByKey(keyValueStore('ticks-held', number()), 1_000),
 *     to(topic('ticks-per-second', number())),
 *   );
 * });
 * slower.describe().includes('ticks-held'); // => true
 *
 * @param store Names and encodes what waits; it cannot be queried.
 * @param durationMs How long others of the key are held back.
 * @see debounceByKey
 */
export function throttleByKey<K, V>(
  store: KeyValueStore<K, V>,
  durationMs: number,
  o: ThrottleOptions = {},
): OperatorFunction<KRecord<K, V>, KRecord<K, V>> {
  wholeMs('throttleByKey', 'durationMs', durationMs, 1);
  const { leading = true, trailing = false, time = 'stream' } = o;
  return statefulOperator(
    {
      kind: 'throttleByKey',
      describedAs: 'KSTREAM-THROTTLE',
      name: store.store,
      accepts: [partitioned],
      stores: () => [heldStore(store, bufferedChange(store.value))],
    },
    [],
    (node) => {
      const held = new HeldRecords<BufferedChange>(node, time, (row) => {
        if (row.value.offset === nothing) return;
        const empty = { ...row.value, value: null, headers: [], offset: nothing };
        held.put(row.key, row.major + durationMs, empty, row.timestamp);
        node.emit(resumed(node, row));
      });
      const take = (record: AnyRecord): void => {
        const { key, value, timestamp, headers } = record;
        if (key === null) {
          node.drop(record, 'null key');
          return;
        }
        checkKey(node, record);
        const now = held.observe(record);
        // A record at the very end of the time is still held back, as in RxJS.
        held.release(now - 1);
        const known = held.find(key);
        const change = { value, prior: null, previous: null, headers, ...placeIn(record[origin]) };
        if (known !== undefined) {
          if (trailing) held.put(key, known.major, change, timestamp);
        } else {
          const waits = trailing && !leading;
          const due = (time === 'stream' ? timestamp : now) + durationMs;
          held.put(
            key,
            due,
            waits ? change : { ...change, value: null, offset: nothing },
            timestamp,
          );
          if (leading) node.emit(record);
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
