import type { Observable } from 'rxjs';
import { TopologyError } from '../../errors.ts';
import type { Windows } from '../../model/windows/TimeWindows.ts';
import { Observable as RxObservable } from '../../rx.ts';

/**
 * When an aggregation emits: every change; the last change of each key, just before a commit; or
 * each window once, when it has closed.
 */
export type EmitStrategy = 'on update' | 'on commit' | 'on close';

/** What is to become of the records that come too late for their windows. */
export type LateRecords = (late: Observable<unknown>) => Observable<unknown>;

/**
 * What `groupByKey`, `groupTableBy` and `windowedBy` have said; the aggregation behind them does it
 * all.
 */
export interface Grouping {
  /** What was grouped: the aggregation's input. */
  readonly source: Observable<unknown>;
  /** Its changes are those of a table: the aggregation needs a subtractor. */
  readonly table: boolean;
  readonly windows: Windows | null;
  readonly late: LateRecords | null;
  readonly emit: EmitStrategy;
  /** Least wall-clock time between two looks for closed windows. */
  readonly emitIntervalMs: number;
}

const groupings = new WeakMap<object, Grouping>();

/** The source as it was, and known to be grouped. */
export function groupedSource<T>(grouping: Grouping): Observable<T> {
  const result = new RxObservable<T>((subscriber) =>
    (grouping.source as Observable<T>).subscribe(subscriber),
  );
  groupings.set(result, grouping);
  return result;
}

/** What was said about this source; an error that names the remedy when it is not grouped. */
export function groupingOf(operator: string, source: Observable<unknown>): Grouping {
  const grouping = groupings.get(source);
  if (grouping !== undefined) return grouping;
  throw new TopologyError(
    'STAGE_INVALID',
    `${operator}: what comes in is not grouped. Put groupByKey() (of a table: groupTableBy) ` +
      'just before it, with at most windowedBy in between; foreign operators go before ' +
      'groupByKey().',
  );
}
