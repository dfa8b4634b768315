import type { SchedulerLike } from 'rxjs';
import { currentScope } from '../topology/scope.ts';

/**
 * Event time as an RxJS scheduler, in a topology: RxJS's own time operators then run on the task's
 * stream time, in its turn, the same in every run.
 *
 *   event time                     0   3   5   20
 *   typed                          a   b   c   d
 *   debounceTime(10, streamTime())             c      due at 15, noticed when time gets to 20
 *
 * Partitions: one time for each task. Store: none: what RxJS holds in memory is lost with the task;
 * `debounceByKey` and its like keep it. Emits: what is due before a record, then the record. Null:
 * does not matter.
 *
 * @example
 * import { throttleTime } from 'rxjs';
 * import { stream, streamTime, string, to, topic, topology } from 'rxkstreams';
 *
 * const calm = topology(() => {
 *   stream(topic('typed', string())).pipe(
 *     throttleTime(1_000, streamTime()),
 *     to(topic('typed-calmly', string())),
 *   );
 * });
 * calm.describe().includes('topic: typed-calmly'); // => true
 *
 * @see debounceByKey, throttleByKey, bufferByKey
 */
export function streamTime(): SchedulerLike {
  return currentScope().eventTime();
}
