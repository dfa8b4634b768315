import type { OperatorFunction } from 'rxjs';
import type { KRecord, Plain, Rekeyed } from '../model/record.ts';
import { plain, statefulOperator } from './internal/operator.ts';
import {
  type AnyProcessor,
  type MakeProcessor,
  type ProcessOptions,
  type Processor,
  type ProcessorContext,
  processorKernel,
  processorStores,
} from './internal/processing.ts';

/**
 * Hands each record to a processor, which may keep rows in stores, forward any number of records,
 * and be called back in stream time or wall-clock time. Every other operator can be written with
 * it.
 *
 *   orders    a1     b2  a3
 *   process   a1 a1      a3      whatever it forwards
 *
 * Partitions: stays; a forwarded record may have another key, so repartition it before grouping or
 * joining. Store: those in `stores`, each with a changelog. Emits: what is forwarded, at once.
 * Null: null keys and values are shown to it.
 *
 * A processor given as an object is that of one task, when it is made in the topology's factory; a
 * function is called with the context once for each task.
 *
 * @example
 * import { keyValueStore, number, process, type ProcessorContext } from 'rxkstreams';
 * import { stream, string, to, topic, topology } from 'rxkstreams';
 *
 * const seen = keyValueStore('seen', number());
 * const app = topology(() => {
 *   stream(topic('words', string())).pipe(
 *     process(
 *       (context: ProcessorContext<string, string>) => ({
 *         process({ key, value, timestamp }) {
 *           const store = context.store(seen);
 *           if (store.get(key) !== undefined) return;
 *           store.put(key, 1, timestamp);
 *           context.forward({ key, value });
 *         },
 *       }),
 *       { stores: [seen] },
 *     ),
 *     to(topic('first-words', string())),
 *   );
 * });
 * app.describe().includes('stores: [seen]'); // => true
 *
 * @param processor A processor, or a function that makes one.
 * @see processValues
 */
export function process<K, V, K2, V2>(
  processor:
    | Processor<K, V, ProcessorContext<K2, V2>>
    | ((context: ProcessorContext<K2, V2>) => Processor<K, V, ProcessorContext<K2, V2>>),
  o: ProcessOptions = {},
): OperatorFunction<KRecord<K, V, Plain>, KRecord<K2, V2, Rekeyed>> {
  return statefulOperator(
    {
      kind: 'process',
      describedAs: 'KSTREAM-PROCESSOR',
      name: o.name ?? null,
      accepts: [plain],
      produces: ['key changed: repartition() first'],
      stores: () => processorStores(o),
    },
    [],
    (node) =>
      processorKernel(node, o, processor as AnyProcessor | MakeProcessor, (task) => ({
        forward: ({ key, value, ...more }: Parameters<ProcessorContext['forward']>[0]) =>
          task.emit(key, value, more),
      })),
  );
}
