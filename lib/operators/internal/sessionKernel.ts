import { type AnyRecord, forwarded, noHeaders } from '../../model/record.ts';
import { type Windowed, WindowedKey } from '../../model/Windowed.ts';
import { closesAt, lateFrom, type SessionWindows } from '../../model/windows/TimeWindows.ts';
import type { PlacedRow } from '../../state/RowStore.ts';
import type { Kernel } from '../../topology/NodeContext.ts';
import type { AggregationInput, AggregationParts } from './aggregation.ts';
import { clockCause } from './clockCause.ts';
import type { Emission } from './emission.ts';
import { checkKey } from './guards.ts';
import { WindowRows } from './WindowRows.ts';

type FoundRow = PlacedRow<unknown, unknown>;

/**
 * One row for each key and session. A record joins the sessions within the gap, and makes them one:
 * each gets a deletion, also when the bounds stay, then the new row. The merger sees the initial
 * value first. A row's time is its session's end. Drops null keys. Semantics: Kafka Streams'
 * KStreamSessionWindowAggregate, whose results have the record's headers only out of its cache or
 * when they wait for the close.
 */
export function sessionKernel(parts: AggregationParts, windows: SessionWindows): Kernel {
  const { node, fold, emission } = parts;
  const sessions = new WindowRows(parts, lateFrom(windows, 0));
  const merge = fold.merge as NonNullable<typeof fold.merge>;

  const close = (closed: readonly FoundRow[], cause: AnyRecord): void => {
    const ordered = [...closed].sort((a, b) => a.major - b.major || a.minor - b.minor);
    for (const { key, major, minor, value } of ordered) {
      emission.closed(keyOf(windows, key, minor, major), value, major, cause);
    }
  };
  const taker =
    ({ add, lateOutput }: AggregationInput, input: number) =>
    (record: AnyRecord) => {
      const { key, value, timestamp } = record;
      const time = sessions.timeOf(input);
      if (key === null) return node.drop(record, 'null key');
      checkKey(node, record);
      time.observe(record);
      const merged = sessionsAround(sessions, windows, key, timestamp);
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
        close(sessions.closedByRecord(), record);
        return;
      }
      if (start !== timestamp || end !== timestamp) {
        for (const row of merged) {
          sessions.delete(key, row.major, row.minor);
          const old = keyOf(windows, key, row.minor, row.major);
          const cause = causeOf(emission, record, row.major);
          emission.changed(old, null, row.value, row.major, cause);
        }
      }
      const after = add(key, value, aggregate);
      sessions.put(key, end, start, after, end);
      const replaced = start === end ? replacedBy(emission, merged) : null;
      const cause = causeOf(emission, record, end);
      emission.changed(keyOf(windows, key, start, end), after, replaced, end, cause);
      close(sessions.closedByRecord(), record);
      sessions.expire();
    };
  return {
    inputs: parts.inputs.map(taker),
    view: {
      get: ((session: Windowed<unknown>) =>
        sessions.get(session.key, session.end, session.start)) as never,
    },
    ...(emission.holdsBack ? { latestDue: () => sessions.latestDue } : {}),
    onTime: () => close(sessions.closed(), clockCause(node, sessions.time)),
    ...(emission.beforeCommit ? { beforeCommit: () => emission.beforeCommit?.() } : {}),
  };
}

function sessionsAround(
  sessions: WindowRows,
  { gapMs }: SessionWindows,
  key: unknown,
  time: number,
): FoundRow[] {
  const found: FoundRow[] = [];
  for (const row of sessions.ofKey(key, time - gapMs, Number.MAX_SAFE_INTEGER)) {
    // Sessions of a key lie apart, so once one begins too late all that follow do.
    if (row.minor > time + gapMs) break;
    found.push(row);
  }
  return found;
}

/** The record as its results are made of it: at their session's end, with the headers they get. */
function causeOf({ caches }: Emission, record: AnyRecord, timestamp: number): AnyRecord {
  if (!caches && record.headers.length === 0) return record;
  const headers = caches ? record.headers : noHeaders;
  return forwarded(record, record.key, record.value, timestamp, headers);
}

/**
 * What was there of a session that is still one instant: it is put again, with no deletion before.
 * Kafka Streams does not look, so that a table grouped anew behind it never takes the old row out;
 * its cache looks.
 */
function replacedBy({ caches }: Emission, merged: readonly FoundRow[]): unknown {
  return caches ? (merged[0]?.value ?? null) : null;
}

function keyOf(
  windows: SessionWindows,
  key: unknown,
  start: number,
  end: number,
): WindowedKey<unknown> {
  return new WindowedKey(key, start, end, closesAt(windows, end));
}
