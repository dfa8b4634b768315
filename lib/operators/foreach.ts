import type { OperatorFunction } from 'rxjs';
import type { KRecord, Plain } from '../model/record.ts';
import { plain, statelessOperator } from './internal/operator.ts';
import { refusedPromise } from './internal/refusedPromise.ts';

/**
 * Calls a function with each record, and ends the pipeline: an effect. What it does outside is not
 * undone when the record is processed again.
 *
 *   orders    a1  b1
 *   foreach   f   f
 *
 * Partitions: stays. Store: none. Emits: nothing. Null: null keys and values are shown.
 *
 * @example
 * import { foreach, stream, string, topic, topology } from 'rxkstreams';
 *
 * const seen: string[] = [];
 * const shown = topology(() => {
 *   stream(topic('words', string())).pipe(foreach((word) => seen.push(word.value)));
 * });
 * shown.describe().includes('KSTREAM-FOREACH'); // => true
 *
 * @param effect Synchronous; for promises use `mapValuesAsync`.
 * @see to, RxJS's tap, which lets the records go on
 */
export function foreach<K, V>(
  effect: (record: KRecord<K, V, Plain>) => void,
): OperatorFunction<KRecord<K, V, Plain>, never> {
  return statelessOperator(
    { kind: 'foreach', describedAs: 'KSTREAM-FOREACH', accepts: [plain], produces: [] },
    (node) => (record) => {
      const answer: unknown = effect(record as never);
      if (answer instanceof Promise) throw refusedPromise(node, record, answer);
    },
  );
}
