import type { AnyRecord } from '../../model/record.ts';
import { type Windowed, WindowedKey } from '../../model/Windowed.ts';
import { closesAt, lateFrom, type SlidingWindows } from '../../model/windows/TimeWindows.ts';
import type { PlacedRow } from '../../state/RowStore.ts';
import type { Kernel } from '../../topology/NodeContext.ts';
import type { StreamTime } from '../../topology/StreamTime.ts';
import type { AggregationInput, AggregationParts, Fold } from './aggregation.ts';
import { clockCause } from './clockCause.ts';
import { checkKey } from './guards.ts';
import { WindowRows } from './WindowRows.ts';

type FoundRow = PlacedRow<unknown, unknown>;

/**
 * One row for each key and sliding window. Drops null keys and null values. Semantics: Kafka
 * Streams' KStreamSlidingWindowAggregate, order of results included; but a record whose windows are
 * all closed counts as late.
 */
export function slidingWindowKernel(parts: AggregationParts, windows: SlidingWindows): Kernel {
  const { node, emission } = parts;
  const rows = new WindowRows(parts, lateFrom(windows, windows.timeDifferenceMs));
  const close = (closed: readonly FoundRow[], cause: AnyRecord): void => {
    for (const { key, major, value, timestamp } of closed) {
      emission.closed(keyOf(windows, key, major), value, timestamp, cause);
    }
  };
  const taker = ({ add, lateOutput }: AggregationInput, input: number) => {
    const time = rows.timeOf(input);
    const visit = new SlidingVisit(parts, windows, rows, time, add);
    return (record: AnyRecord) => {
      if (record.key === null) return node.drop(record, 'null key');
      if (record.value === null) return node.drop(record, 'null value');
      checkKey(node, record);
      time.observe(record);
      if (!visit.take(record)) {
        node.drop(record, 'late');
        if (lateOutput > 0) node.emitTo(lateOutput, record);
      }
      close(rows.closedByRecord(), record);
      rows.expire();
    };
  };
  return {
    inputs: parts.inputs.map(taker),
    view: {
      get: ((windowed: Windowed<unknown>) => rows.get(windowed.key, windowed.start)) as never,
    },
    ...(emission.holdsBack ? { latestDue: () => rows.latestDue } : {}),
    onTime: () => close(rows.closed(), clockCause(node, rows.time)),
    ...(emission.beforeCommit ? { beforeCommit: () => emission.beforeCommit?.() } : {}),
  };
}

function keyOf(windows: SlidingWindows, key: unknown, start: number): WindowedKey<unknown> {
  const end = start + windows.timeDifferenceMs;
  return new WindowedKey(key, start, end, closesAt(windows, end));
}

/**
 * One record among the windows of its key. It is added to those that hold its time; then up to
 * three are made, if they are not there yet: the one that ends with it, the one that begins just
 * after it, and the one that begins just after the record before it.
 */
class SlidingVisit {
  readonly #parts: AggregationParts;
  readonly #windows: SlidingWindows;
  readonly #rows: WindowRows;
  readonly #time: StreamTime;
  readonly #add: Fold['add'];
  #record!: AnyRecord;
  #added = false;

  constructor(
    parts: AggregationParts,
    windows: SlidingWindows,
    rows: WindowRows,
    time: StreamTime,
    add: Fold['add'],
  ) {
    this.#parts = parts;
    this.#windows = windows;
    this.#rows = rows;
    this.#time = time;
    this.#add = add;
  }

  /** False: it is late for all its windows. */
  take(record: AnyRecord): boolean {
    const { timeDifferenceMs } = this.#windows;
    this.#record = record;
    this.#added = false;
    if (this.#isClosed(record.timestamp)) return false;
    if (record.timestamp < timeDifferenceMs) this.#takeEarly(record.timestamp);
    else this.#take(record.timestamp);
    return this.#added;
  }

  #take(time: number): void {
    const difference = this.#windows.timeDifferenceMs;
    const starts = new Set<number>();
    let right: FoundRow | null = null;
    let left: FoundRow | null = null;
    let previousTime: number | null = null;
    let endsHere = false;
    for (const row of this.#rows.ofKey(this.#record.key, time - 2 * difference, time + 1, true)) {
      const end = row.major + difference;
      starts.add(row.major);
      if (row.major === time + 1) continue;
      if (end < time) {
        left = row;
        previousTime = row.timestamp;
        break;
      }
      this.#update(row.major, row);
      if (end > time) {
        right ??= row;
        continue;
      }
      endsHere = true;
      // A record of this very time was here before: all its windows are there.
      if (row.timestamp >= time) return;
      previousTime = row.timestamp;
    }
    if (previousTime !== null && previousTime + 1 + difference >= time) {
      if (!starts.has(previousTime + 1)) this.#update(previousTime + 1, null);
    }
    if (!endsHere) {
      const reaches = previousTime !== null && time - difference <= previousTime;
      this.#update(
        time - difference,
        reaches && left !== null ? { ...left, timestamp: time } : null,
      );
    }
    if (!starts.has(time + 1)) this.#makeRight(time, right);
  }

  /**
   * A window that ends with a record this early would begin before 0: all such records share `[0,
   * timeDifferenceMs]` instead.
   */
  #takeEarly(time: number): void {
    const starts = new Set<number>();
    let shared: FoundRow | null = null;
    let right: FoundRow | null = null;
    let previousTime: number | null = null;
    for (const row of this.#rows.ofKey(this.#record.key, 0, time + 1)) {
      starts.add(row.major);
      if (row.major === 0) {
        shared = row;
        if (row.timestamp < time) previousTime = row.timestamp;
      } else if (row.major <= time) {
        right = row;
        this.#update(row.major, row);
      }
    }
    if (!starts.has(time + 1)) this.#makeRight(time, right ?? shared);
    if (previousTime !== null && !starts.has(previousTime + 1)) {
      this.#update(previousTime + 1, null);
    }
    this.#update(0, shared);
  }

  /**
   * The window that begins just after the record holds what the windows around it hold of later
   * records.
   */
  #makeRight(time: number, holds: FoundRow | null): void {
    if (holds === null || holds.timestamp <= time) return;
    const { emission } = this.#parts;
    const { key } = this.#record;
    const { value, timestamp } = holds;
    this.#rows.put(key, time + 1, 0, value, timestamp);
    emission.changed(keyOf(this.#windows, key, time + 1), value, null, timestamp, this.#record);
  }

  /** Adds the record to a window, unless that is closed; null: to a new one. */
  #update(
    start: number,
    row: { readonly value: unknown; readonly timestamp: number } | null,
  ): void {
    if (this.#isClosed(start)) return;
    const { fold, emission } = this.#parts;
    const { key, value, timestamp } = this.#record;
    const before = row === null ? fold.initial() : row.value;
    const latest = row === null ? timestamp : Math.max(timestamp, row.timestamp);
    const after = this.#add(key, value, before);
    this.#added = true;
    this.#rows.put(key, start, 0, after, latest);
    const replaced = row === null ? emission.beforeFirst(before) : before;
    emission.changed(keyOf(this.#windows, key, start), after, replaced, latest, this.#record);
  }

  #isClosed(start: number): boolean {
    return lateFrom(this.#windows, start + this.#windows.timeDifferenceMs) <= this.#time.time;
  }
}
