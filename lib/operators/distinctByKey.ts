import type { OperatorFunction } from 'rxjs';
import type { AnyRecord, KRecord } from '../model/record.ts';
import { wholeMs } from '../model/windows/wholeMs.ts';
import type { KeyValueStore } from '../serde/handles.ts';
import { checkKey } from './internal/guards.ts';
import { LastingRows, lastingStores } from './internal/LastingRows.ts';
import { partitioned, statefulOperator } from './internal/operator.ts';

export interface DistinctOptions<V> {
  /** How long a value is remembered, in stream time, from when it came through. */
  readonly ttlMs: number;
  /** What must be distinct; default: the value as JSON. */
  readonly by?: (value: V) => string;
}

/**
 * RxJS's `distinct`, for each key, with a time to live, and it survives a restart: a value comes
 * through that did not come through in the last `ttlMs`.
 *
 *   event time      0   1   2   3   12      ttlMs 10
 *   payments        a1  b1  a1  a2  a1
 *   distinctByKey   a1  b1      a2  a1
 *
 * Partitions: reads by key. Store: what came through, a row for each key and value. Emits: the
 * record as it is. Null: null keys are dropped and counted; a null value is a value like others.
 *
 * @example
 * import {
 *   distinctByKey, json, keyValueStore, stream, string, to, topic, topology,
 * } from 'rxkstreams';
 *
 * const payments = topic('payments', json<{ id: string }>());
 * const once = topology(() => {
 *   stream(payments).pipe(
 *     distinctByKey(keyValueStore('payments-seen', string()), {
 *       ttlMs: 600_000,
 *       by: (payment) => payment.id,
 *     }),
 *     to(topic('payments-once', json<{ id: string }>())),
 *   );
 * });
 * once.describe().includes('payments-seen'); // => true
 *
 * @param store Keeps what came through; its own `ttlMs` does not matter here.
 */
export function distinctByKey<K, V>(
  store: KeyValueStore<K, string>,
  o: DistinctOptions<V>,
): OperatorFunction<KRecord<K, V>, KRecord<K, V>> {
  const ttlMs = wholeMs('distinctByKey', 'ttlMs', o.ttlMs, 1);
  const by = (o.by ?? JSON.stringify) as (value: unknown) => string;
  return statefulOperator(
    {
      kind: 'distinctByKey',
      describedAs: 'KSTREAM-DISTINCT',
      name: store.store,
      accepts: [partitioned],
      stores: () => lastingStores({ ...store, ttlMs }),
    },
    [],
    (node) => {
      const rows = new LastingRows(node, { ttlMs });
      const take = (record: AnyRecord): void => {
        const { key, value, timestamp } = record;
        if (key === null) {
          node.drop(record, 'null key');
          return;
        }
        checkKey(node, record);
        rows.observe(record);
        const what = by(value);
        let slot = slotOf(what);
        for (;;) {
          const seen = rows.get(key, slot);
          if (seen === undefined) break;
          if (seen.value === what) return;
          slot += 1;
        }
        rows.put(key, what, timestamp, slot);
        node.emit(record);
      };
      return { inputs: [take] };
    },
  );
}

/**
 * A number for a text (FNV-1a, 32 bits): where its row lies among the key's. Others with the same
 * lie behind it.
 */
function slotOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
