import type { OperatorFunction } from 'rxjs';
import { type AnyRecord, type KRecord, withValue } from '../model/record.ts';
import type { KeyValueStore } from '../serde/handles.ts';
import { checkKey } from './internal/guards.ts';
import { LastingRows, lastingStores } from './internal/LastingRows.ts';
import { partitioned, statefulOperator } from './internal/operator.ts';

/**
 * RxJS's `scan`, for each key, and it survives a restart. Unlike `aggregate` it stays a stream: one
 * record out for each that comes in, with its timestamp and headers.
 *
 *   payments                      a1  b5  a2
 *   scanByKey(sums,               a1  b5  a3
 *     (sum, v) => sum + v, 0)
 *
 * Partitions: reads by key. Store: the accumulated values; with `ttlMs` a key that was quiet for so
 * long begins again. Emits: one record for each. Null: null keys are dropped and counted; null
 * values are shown; an accumulated null deletes the row.
 *
 * @example
 * import { keyValueStore, number, scanByKey, stream, to, topic, topology } from 'rxkstreams';
 *
 * const sums = topology(() => {
 *   stream(topic('payments', number())).pipe(
 *     scanByKey(keyValueStore('sums', number()), (sum, cents) => sum + cents, () => 0),
 *     to(topic('sums-so-far', number())),
 *   );
 * });
 * sums.describe().includes('stores: [sums]'); // => true
 *
 * @param store Keeps what is accumulated.
 * @param accumulator Sees what is accumulated, the value, the record. Returns a new one: the old
 * must stay as it is.
 * @param seed What a key begins with.
 * @see aggregate
 */
export function scanByKey<K, V, A>(
  store: KeyValueStore<K, A>,
  accumulator: (accumulated: A, value: V, record: KRecord<K, V>) => A,
  seed: () => A,
): OperatorFunction<KRecord<K, V>, KRecord<K, A>> {
  const accumulate = accumulator as unknown as (
    a: unknown,
    value: unknown,
    record: AnyRecord,
  ) => unknown;
  return statefulOperator(
    {
      kind: 'scanByKey',
      describedAs: 'KSTREAM-SCAN',
      name: store.store,
      accepts: [partitioned],
      stores: () => lastingStores(store),
    },
    [],
    (node) => {
      const rows = new LastingRows(node, store);
      const take = (record: AnyRecord): void => {
        const { key, value, timestamp } = record;
        if (key === null) {
          node.drop(record, 'null key');
          return;
        }
        checkKey(node, record);
        rows.observe(record);
        const row = rows.get(key);
        const after = accumulate(row === undefined ? seed() : row.value, value, record);
        if (after === null) rows.delete(key);
        else rows.put(key, after, Math.max(timestamp, row?.timestamp ?? timestamp));
        node.emit(withValue(record, after));
      };
      return { inputs: [take] };
    },
  );
}
