import type { OperatorFunction } from 'rxjs';
import { TopologyError } from '../errors.ts';
import type { Change } from '../model/record.ts';
import type { Windowed } from '../model/Windowed.ts';
import type { KeyValueStore } from '../serde/handles.ts';
import { json } from '../serde/json.ts';
import type { AnySerde } from '../serde/Serde.ts';
import { string } from '../serde/string.ts';
import { windowed } from '../serde/windowed.ts';
import type { Lineage, StoreSpec } from '../topology/NodeSpec.ts';
import { currentScope } from '../topology/scope.ts';
import { bufferedChange } from './internal/bufferedChange.ts';
import { statefulOperator, table } from './internal/operator.ts';
import { suppressKernel } from './internal/suppressKernel.ts';
import type { UntilTimeLimit } from './untilTimeLimit.ts';
import type { UntilClose } from './untilWindowCloses.ts';

export interface SuppressOptions<K, V> {
  /**
   * Names the buffer and its serdes. Default: the store before it with `-suppress` behind its name,
   * and its serdes; values that a function has changed since are JSON.
   */
  readonly buffer?: KeyValueStore<K, V>;
}

/**
 * Holds a table's changes back: until their window has closed, so that each gives one final result;
 * or for a time.
 *
 *   count      [0s]1  [0s]2          [60s]1
 *   suppress                  [0s]2             when stream time passes 60s and the grace
 *
 * Partitions: stays. Store: the changes that wait, with a changelog
 * `<app>-<store>-suppress-changelog`. Emits: the last change, with its timestamp and headers, in
 * the order of (window end or time, key). Null: of final results deletions are dropped, as nothing
 * was emitted before; under a time limit they wait like any change.
 *
 * On quiet input stream time stands still, and nothing closes: say how long is quiet enough with
 * the application's option `idle`.
 *
 * @example
 * import {
 *   count, groupByKey, number, stream, string, suppress, topic, topology, toStream, to,
 *   tumblingWindows, untilWindowCloses, windowed, windowedBy, windowStore,
 * } from 'rxkstreams';
 *
 * const perMinute = topology(() => {
 *   stream(topic('clicks', string())).pipe(
 *     groupByKey(),
 *     windowedBy(tumblingWindows({ sizeMs: 60_000, graceMs: 0 })),
 *     count(windowStore('clicks-per-minute', number())),
 *     suppress(untilWindowCloses()),
 *     toStream(),
 *     to(topic('final-clicks', windowed(string()), number())),
 *   );
 * });
 * perMinute.describe().includes('clicks-per-minute-suppress'); // => true
 *
 * @param until `untilWindowCloses()` after windows or sessions; `untilTimeLimit({ limitMs })` after
 * any table.
 * @see windowedBy, whose option `emit: 'on close'` needs no buffer
 */
export function suppress<K, V>(
  until: UntilClose,
  o?: SuppressOptions<Windowed<NoInfer<K>>, NonNullable<NoInfer<V>>>,
): OperatorFunction<Change<Windowed<K>, V>, Change<Windowed<K>, V>>;
export function suppress<K, V>(
  until: UntilTimeLimit,
  o?: SuppressOptions<NoInfer<K>, NonNullable<NoInfer<V>>>,
): OperatorFunction<Change<K, V>, Change<K, V>>;
export function suppress(
  until: UntilClose | UntilTimeLimit,
  o: { readonly buffer?: unknown } = {},
): OperatorFunction<never, unknown> {
  const named = o.buffer as AnyBuffer | undefined;
  return statefulOperator(
    {
      kind: 'suppress',
      describedAs: 'KTABLE-SUPPRESS',
      name: named?.store ?? null,
      accepts: [table],
      produces: ['table'],
      stores: ([before]) => [bufferOf(until, named, before)],
      lineage: ([before]) => before ?? { store: null, key: null, value: null },
    },
    [],
    (node) => suppressKernel(node, until),
  );
}

type AnyBuffer = Pick<StoreSpec, 'key' | 'value' | 'formerly'> & { readonly store: string };

function bufferOf(
  { until }: UntilClose | UntilTimeLimit,
  named: AnyBuffer | undefined,
  before: Lineage | undefined,
): StoreSpec {
  const name = named?.store ?? nameAfter(before);
  const value = named?.value ?? before?.value ?? json();
  const anyKey: AnySerde = until === 'close' ? windowed(json<unknown>()) : string();
  return {
    role: 'buffer',
    name,
    kind: 'buffer',
    key: named?.key ?? before?.key ?? anyKey,
    value: bufferedChange(value),
    timeIndex: true,
    changelog: 'topic',
    formerly: named?.formerly,
  };
}

function nameAfter(before: Lineage | undefined): string {
  if (before?.store != null) return `${before.store}-suppress`;
  if (currentScope().kind === 'bare') return 'suppress';
  throw new TopologyError(
    'TOPOLOGY_INVALID',
    'suppress: no store before it to name its buffer after. Name it: suppress(until, { buffer: ' +
      "keyValueStore('name', valueSerde, { key }) }).",
  );
}
