import type { Observable, OperatorFunction } from 'rxjs';
import { TopologyError } from '../errors.ts';
import type { KRecord, KStream } from '../model/record.ts';
import type { SessionWindows, TimeWindows, Windows } from '../model/windows/TimeWindows.ts';
import { wholeMs } from '../model/windows/wholeMs.ts';
import {
  type EmitStrategy,
  groupedSource,
  groupingOf,
  type LateRecords,
} from './internal/grouping.ts';

export interface WindowedByOptions<K, V> {
  /**
   * Takes the records that come too late for all their windows, as a stream of its own: `{ late:
   * to(lateOrders) }`.
   */
  readonly late?: (late: KStream<NoInfer<K>, NoInfer<V>>) => Observable<unknown>;
  /** Default: `on update`. */
  readonly emit?: EmitStrategy;
  /**
   * With `emit: 'on close'`: least wall-clock time between two looks for closed windows; default 0:
   * they come out as soon as stream time says so. (Kafka Streams' own is 1000.)
   */
  readonly emitIntervalMs?: number;
}

/**
 * Says that what follows is done for each key and window of event time.
 *
 *   event time   1   5     12   9      windows of 10, grace 0
 *   orders       a1  a2    a3   a4     a4 is late: its window closed at 10
 *   late                        a4
 *
 * Partitions: stays. Store: none. Emits: nothing by itself; what the aggregation emits is said by
 * `emit`: every change (`on update`), the last change of each window just before a commit (`on
 * commit`), or each window once, when stream time has passed its end and grace (`on close`). Null:
 * the aggregation drops null keys; sliding windows drop null values too.
 *
 * @example
 * import {
 *   count, groupByKey, number, stream, string, to, topic, topology, tumblingWindows, windowedBy,
 *   windowStore,
 * } from 'rxkstreams';
 *
 * const clicks = topic('clicks', string());
 * const perMinute = topology(() => {
 *   stream(clicks).pipe(
 *     groupByKey(),
 *     windowedBy(tumblingWindows({ sizeMs: 60_000, graceMs: 0 }), {
 *       late: to(topic('clicks-late', string())),
 *     }),
 *     count(windowStore('clicks-per-minute', number())),
 *   );
 * });
 * perMinute.describe().includes('topic: clicks-late'); // => true
 *
 * @param windows Which windows, and their grace.
 * @see tumblingWindows, hoppingWindows, slidingWindows, sessionWindows, unlimitedWindows, suppress
 */
export function windowedBy<K, V>(
  windows: TimeWindows,
  o?: WindowedByOptions<K, V>,
): OperatorFunction<KRecord<K, V, 'grouped'>, KRecord<K, V, 'windowed'>>;
export function windowedBy<K, V>(
  windows: SessionWindows,
  o?: WindowedByOptions<K, V>,
): OperatorFunction<KRecord<K, V, 'grouped'>, KRecord<K, V, 'sessions'>>;
export function windowedBy(
  windows: Windows,
  o: WindowedByOptions<never, never> = {},
): OperatorFunction<never, unknown> {
  return (source) => {
    const grouping = groupingOf('windowedBy', source);
    if (grouping.table || grouping.windows !== null) {
      throw new TopologyError(
        'STAGE_INVALID',
        grouping.table
          ? 'windowedBy: a grouped table has no windows, as its rows have no time of their own. ' +
              'Aggregate it as it is.'
          : 'windowedBy: it is windowed already. Group the stream once for each kind of windows.',
      );
    }
    const emit = o.emit ?? grouping.emit;
    const { emitIntervalMs = 0 } = o;
    if (emitIntervalMs !== 0 && emit !== 'on close') {
      throw new TopologyError(
        'INVALID_OPTION',
        `windowedBy: emitIntervalMs is for emit: 'on close', but results are emitted '${emit}'.`,
      );
    }
    return groupedSource({
      ...grouping,
      windows,
      late: (o.late as LateRecords | undefined) ?? null,
      emit,
      emitIntervalMs: wholeMs('windowedBy', 'emitIntervalMs', emitIntervalMs, 0),
    });
  };
}
