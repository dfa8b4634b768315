import type { AnyRecord } from '../../model/record.ts';
import { type Windowed, WindowedKey } from '../../model/Windowed.ts';
import { closesAt, type FixedWindows, lateFrom } from '../../model/windows/TimeWindows.ts';
import type { PlacedRow } from '../../state/RowStore.ts';
import type { Kernel } from '../../topology/NodeContext.ts';
import type { AggregationInput, AggregationParts } from './aggregation.ts';
import { clockCause } from './clockCause.ts';
import { checkKey } from './guards.ts';
import { WindowRows } from './WindowRows.ts';

/**
 * One row for each key and window: tumbling, hopping, unlimited. Drops null keys; null values
 * count. Semantics: Kafka Streams' KStreamWindowAggregate, but that a window which closed unseen,
 * while stream time jumped, is emitted.
 */
export function fixedWindowKernel(parts: AggregationParts, windows: FixedWindows): Kernel {
  const { node, fold, emission } = parts;
  const rows = new WindowRows(parts, lateFrom(windows, windows.sizeMs));

  const close = (closed: readonly PlacedRow<unknown, unknown>[], cause: AnyRecord): void => {
    for (const { key, major, value, timestamp } of closed) {
      emission.closed(keyOf(windows, key, major), value, timestamp, cause);
    }
  };
  const taker =
    ({ add, lateOutput }: AggregationInput, input: number) =>
    (record: AnyRecord) => {
      const { key, value } = record;
      const time = rows.timeOf(input);
      if (key === null) return node.drop(record, 'null key');
      checkKey(node, record);
      time.observe(record);
      let late = true;
      for (
        let start = firstStart(windows, record.timestamp);
        start <= record.timestamp;
        start += windows.advanceMs
      ) {
        if (lateFrom(windows, start + windows.sizeMs) <= time.time) continue;
        late = false;
        const row = rows.get(key, start);
        const before = row === undefined ? fold.initial() : row.value;
        const timestamp =
          row === undefined ? record.timestamp : Math.max(record.timestamp, row.timestamp);
        const after = add(key, value, before);
        rows.put(key, start, 0, after, timestamp);
        const replaced = row === undefined ? emission.beforeFirst(before) : before;
        emission.changed(keyOf(windows, key, start), after, replaced, timestamp, record);
      }
      if (late) {
        node.drop(record, 'late');
        if (lateOutput > 0) node.emitTo(lateOutput, record);
      }
      close(rows.closedByRecord(), record);
      rows.expire();
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

function keyOf(windows: FixedWindows, key: unknown, start: number): WindowedKey<unknown> {
  const end = start + windows.sizeMs;
  return new WindowedKey(key, start, end, closesAt(windows, end));
}

/** The start of the earliest window this time is in; higher than the time: it is in none. */
function firstStart({ type, startMs, sizeMs, advanceMs }: FixedWindows, time: number): number {
  if (type === 'unlimited') return startMs;
  return Math.floor(Math.max(0, time - sizeMs + advanceMs) / advanceMs) * advanceMs;
}
