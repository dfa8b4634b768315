import { type AnyRecord, noHeaders } from '../../model/record.ts';
import { type Windowed, WindowedKey } from '../../model/Windowed.ts';
import { closesAt, lateFrom, type SessionWindows } from '../../model/windows/TimeWindows.ts';
import type { PlacedRow } from '../../state/RowStore.ts';
import type { Kernel } from '../../topology/NodeContext.ts';
import type { AggregationInput, AggregationParts } from './aggregation.ts';
import { clockCause } from './clockCause.ts';
import { checkKey } from './guards.ts';
import { WindowRows } from './WindowRows.ts';

/**
 * One row for each key and session. A record joins the sessions within the gap, and makes them one:
 * each gets a deletion, also when the bounds stay, then the new row. The merger sees the initial
 * value first. A row's time is its session's end. Drops null keys. Semantics: Kafka Streams'
 * KStreamSessionWindowAggregate, whose results have the record's headers only out of its cache or
 * when they wait for the close.
 */
export function sessionKernel(parts: AggregationParts, windows: SessionWindows): Kernel {
  const { node, fold, emission } = parts;
  const { gapMs } = windows;
  const sessions = new WindowRows(parts, lateFrom(windows, 0));
  const merge = fold.merge as NonNullable<typeof fold.merge>;

  const close = (cause: AnyRecord): void => {
    const closed = [...sessions.closed()].sort((a, b) => a.major - b.major || a.minor - b.minor);
    for (const { key, major, minor, value } of closed) {
      emission.closed(keyOf(windows, key, minor, major), value, major, cause);
    }
  };
  const within = (key: unknown, time: number): PlacedRow<unknown, unknown>[] => {
    const found: PlacedRow<unknown, unknown>[] = [];
    for (const row of sessions.ofKey(key, time - gapMs, Number.MAX_SAFE_INTEGER)) {
      // Sessions of a key lie apart, so once one begins too late all that follow do.
      if (row.minor > time + gapMs) break;
      found.push(row);
    }
    return found;
  };
  const causeOf = (record: AnyRecord, timestamp: number): AnyRecord =>
    emission.caches ? { ...record, timestamp } : { ...record, timestamp, headers: noHeaders };
  /**
   * Of a session that is still one instant: it is put again, with no deletion before. Kafka Streams
   * does not look what was there, so that a table grouped anew behind it keeps the old row; its
   * cache looks.
   */
  const replacedBy = ([row]: readonly PlacedRow<unknown, unknown>[]): unknown =>
    emission.caches && row !== undefined ? row.value : null;
  const taker =
    ({ add, lateOutput }: AggregationInput, input: number) =>
    (record: AnyRecord) => {
      const { key, value, timestamp } = record;
      const time = sessions.timeOf(input);
      if (key === null) return node.drop(record, 'null key');
      checkKey(node, record);
      time.observe(record);
      const merged = within(key, timestamp);
      let start = timestamp;
      let end = timestamp;
      let aggregate = fold.initial();
      for (const row of merged) {
        aggregate = merge(key, aggregate, row.value);
        start = Math.min(start, row.minor);
        end = Math.max(end, row.major);
      }
      if (lateFrom(windows, end) <= time.time) {
        node.drop(record, 'late');
        if (lateOutput > 0) node.emitTo(lateOutput, record);
        close(record);
        return;
      }
      if (start !== timestamp || end !== timestamp) {
        for (const row of merged) {
          sessions.delete(key, row.major, row.minor);
          const old = keyOf(windows, key, row.minor, row.major);
          emission.changed(old, null, row.value, row.major, causeOf(record, row.major));
        }
      }
      const after = add(key, value, aggregate);
      sessions.put(key, end, start, after, end);
      const replaced = start === end ? replacedBy(merged) : null;
      emission.changed(keyOf(windows, key, start, end), after, replaced, end, causeOf(record, end));
      close(record);
      sessions.expire();
    };
  return {
    inputs: parts.inputs.map(taker),
    view: {
      get: ((session: Windowed<unknown>) =>
        sessions.get(session.key, session.end, session.start)) as never,
    },
    ...(emission.holdsBack ? { latestDue: () => sessions.latestDue } : {}),
    onTime: () => close(clockCause(node, sessions.time)),
    ...(emission.beforeCommit ? { beforeCommit: () => emission.beforeCommit?.() } : {}),
  };
}

function keyOf(
  windows: SessionWindows,
  key: unknown,
  start: number,
  end: number,
): WindowedKey<unknown> {
  return new WindowedKey(key, start, end, closesAt(windows, end));
}
