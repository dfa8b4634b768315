import type { OperatorFunction } from 'rxjs';
import type { KRecord, Plain } from '../model/record.ts';
import { plain, statefulOperator } from './internal/operator.ts';
import {
  type AnyProcessor,
  type MakeProcessor,
  type ProcessOptions,
  type Processor,
  processorKernel,
  processorStores,
  type ValueProcessorContext,
} from './internal/processing.ts';

/**
 * Hands each record to a processor that forwards values under the record's own key, so nothing
 * behind it needs a repartition.
 *
 *   orders          a5  b2  a3
 *   processValues   a5  b2  a8      whatever it forwards
 *
 * Partitions: stays. Store: those in `stores`, each with a changelog. Emits: what is forwarded, at
 * once. Null: null keys and values are shown to it.
 *
 * @example
 * import { keyValueStore, number, processValues, type ValueProcessorContext } from 'rxkstreams';
 * import { stream, to, topic, topology } from 'rxkstreams';
 *
 * const sums = keyValueStore('sums', number());
 * const app = topology(() => {
 *   stream(topic('amounts', number())).pipe(
 *     processValues(
 *       (context: ValueProcessorContext<number>) => ({
 *         process({ key, value, timestamp }) {
 *           const sum = (context.store(sums).get(key)?.value ?? 0) + value;
 *           context.store(sums).put(key, sum, timestamp);
 *           context.forward(sum);
 *         },
 *       }),
 *       { stores: [sums] },
 *     ),
 *     to(topic('sums', number())),
 *   );
 * });
 * app.describe().includes('stores: [sums]'); // => true
 *
 * @param processor A processor, or a function that makes one.
 * @see process, mapValues
 */
export function processValues<K, V, V2, S extends Plain>(
  processor:
    | Processor<K, V, ValueProcessorContext<V2>>
    | ((context: ValueProcessorContext<V2>) => Processor<K, V, ValueProcessorContext<V2>>),
  o: ProcessOptions = {},
): OperatorFunction<KRecord<K, V, S>, KRecord<K, V2, S>> {
  return statefulOperator(
    {
      kind: 'processValues',
      describedAs: 'KSTREAM-PROCESSVALUES',
      name: o.name ?? null,
      accepts: [plain],
      produces: [null],
      stores: () => processorStores(o),
    },
    [],
    (node) =>
      processorKernel(node, o, processor as AnyProcessor | MakeProcessor, (task) => ({
        forward: (value: unknown, more = {}) => task.emitValue(value, more),
      })),
  );
}
