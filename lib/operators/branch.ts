import type { Observable } from 'rxjs';
import type { AnyRecord, KRecord, Plain } from '../model/record.ts';
import { plain, statefulNode } from './internal/operator.ts';

/** Says which records belong to a branch; `true`: all that no branch before it took. */
export type BranchTest<K, V, S extends Plain> = true | ((record: KRecord<K, V, S>) => boolean);

/**
 * Parts a stream in several by name: each record goes to the first branch that takes it, and
 * nowhere if none does. RxJS's `partition`, with as many parts as there are names.
 *
 *   payments            a5  b900  c7
 *   large: v > 100          b900
 *   rest: true          a5        c7
 *
 * Partitions: stays. Store: none. Emits: at most one record for each. Null: null keys and values
 * are shown to the tests.
 *
 * @example
 * import { branch, number, stream, to, topic, topology } from 'rxkstreams';
 *
 * const parted = topology(() => {
 *   const { large, rest } = branch(stream(topic('payments', number())), {
 *     large: (payment) => payment.value > 100,
 *     rest: true,
 *   });
 *   large.pipe(to(topic('large-payments', number())));
 *   rest.pipe(to(topic('small-payments', number())));
 * });
 * parted.describe().includes('KSTREAM-BRANCH'); // => true
 *
 * @param source A stream.
 * @param branches Tested in the order in which they are written.
 */
export function branch<K, V, S extends Plain, B extends Record<string, BranchTest<K, V, S>>>(
  source: Observable<KRecord<K, V, S>>,
  branches: B,
): { readonly [P in keyof B]: Observable<KRecord<K, V, S>> } {
  const names = Object.keys(branches);
  const tests = Object.values(branches) as readonly (true | ((record: AnyRecord) => boolean))[];
  const outputs = statefulNode<KRecord<K, V, S>>(
    {
      kind: 'branch',
      describedAs: 'KSTREAM-BRANCH',
      accepts: [plain],
      produces: names.map(() => null),
    },
    [source],
    (node) => ({
      inputs: [
        (record) => {
          const taken = tests.findIndex((test) => test === true || test(record));
          if (taken >= 0) node.emitTo(taken, record);
        },
      ],
    }),
  );
  return Object.fromEntries(names.map((name, i) => [name, outputs[i]])) as never;
}
