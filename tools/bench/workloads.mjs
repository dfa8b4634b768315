// The pipelines that are measured, and beside each the bare RxJS chain that does the same without
// any guarantee.
import { filter, map, mergeMap } from 'rxjs';
import {
  count,
  groupByKey,
  int64,
  join,
  joinWindows,
  json,
  keyValueStore,
  mapValues,
  sessionStore,
  sessionWindows,
  stream,
  string,
  table,
  to,
  topic,
  topology,
  toStream,
  tumblingWindows,
  windowed,
  windowedBy,
  windowStore,
} from 'rxkstreams';

/**
 * Of 10,000 keys, 1 ms apart: ten records of a key in each window and session; each record of a
 * stream meets one of the other.
 */
const defaults = { windowMs: 100_000, meetMs: 5_000, gapMs: 15_000, inSession: 10 };

/** @param {{ input: string, other: string, table: string, output: string }} topics */
export function workloads({ input, other, table: tableTopic, output }, times = defaults) {
  const events = topic(input, json());
  const parts = { ...times, events, output };
  return {
    stateless: stateless(parts),
    count: countWorkload(parts),
    window: windowWorkload(parts),
    join: tableJoin({ ...parts, names: topic(tableTopic, json()) }),
    session: session(parts),
    'stream-join': streamJoin({ ...parts, others: topic(other, json()) }),
  };
}

function stateless({ events, output }) {
  return {
    topology: () =>
      topology(() => {
        stream(events).pipe(
          filter((record) => record.value.n >= 0),
          mapValues((value) => ({ ...value, n: value.n + 1 })),
          to(topic(output, json())),
        );
      }),
    bare: () => [
      filter((record) => record.value.n >= 0),
      map((record) => ({ ...record, value: { ...record.value, n: record.value.n + 1 } })),
    ],
  };
}

function countWorkload({ events, output }) {
  return {
    topology: () =>
      topology(() => {
        stream(events).pipe(
          groupByKey(),
          count(keyValueStore('counts', int64())),
          toStream(),
          to(topic(output, json())),
        );
      }),
    bare() {
      const counts = new Map();
      return [
        map((record) => {
          const next = (counts.get(record.key) ?? 0) + 1;
          counts.set(record.key, next);
          return { ...record, value: next };
        }),
      ];
    },
  };
}

function windowWorkload({ events, output, windowMs }) {
  return {
    topology: () =>
      topology(() => {
        stream(events).pipe(
          groupByKey(),
          windowedBy(tumblingWindows({ sizeMs: windowMs, graceMs: 0 })),
          count(windowStore('window-counts', int64())),
          toStream(),
          to(topic(output, windowed(string(), { sizeMs: windowMs }), json())),
        );
      }),
    bare() {
      const counts = new Map();
      return [
        map((record) => {
          const start = record.timestamp - (record.timestamp % windowMs);
          const id = `${record.key}@${start}`;
          const next = (counts.get(id) ?? 0) + 1;
          counts.set(id, next);
          return { ...record, key: id, value: next };
        }),
      ];
    },
  };
}

function tableJoin({ events, names, output }) {
  return {
    topology: () =>
      topology(() => {
        stream(events).pipe(
          join(table(names), (value, row) => ({ n: value.n, name: row.name })),
          to(topic(output, json())),
        );
      }),
    needsTable: true,
    bare(rows) {
      return [
        map((record) => ({
          ...record,
          value: { n: record.value.n, name: rows.get(record.key)?.name },
        })),
      ];
    },
  };
}

function session({ events, output, gapMs, inSession }) {
  return {
    topology: () =>
      topology(() => {
        stream(events).pipe(
          groupByKey(),
          windowedBy(sessionWindows({ gapMs, graceMs: 0 })),
          count(sessionStore('session-counts', int64())),
          toStream(),
          filter((record) => record.value !== null),
          to(topic(output, windowed(string()), json())),
        );
      }),
    inSession,
    bare() {
      const sessions = new Map();
      return [
        map((record) => {
          const { key, timestamp } = record;
          const old = sessions.get(key);
          const goesOn = old !== undefined && timestamp - old.end <= gapMs;
          const session = goesOn ? old : { start: timestamp, end: timestamp, count: 0 };
          session.end = timestamp;
          session.count += 1;
          sessions.set(key, session);
          return { ...record, key: `${key}@${session.start}`, value: session.count };
        }),
      ];
    },
  };
}

function streamJoin({ events, others, output, meetMs }) {
  return {
    topology: () =>
      topology(() => {
        const windows = { name: 'joined', beforeMs: meetMs, afterMs: meetMs, graceMs: 0 };
        stream(events).pipe(
          join(stream(others), joinWindows(windows), ({ n }, { at }) => ({ n, at })),
          to(topic(output, json())),
        );
      }),
    needsOther: true,
    bare() {
      const waiting = new Map();
      return [
        mergeMap((record) => {
          const met = waiting.get(record.key);
          waiting.set(record.key, record);
          if (met === undefined || Math.abs(record.timestamp - met.timestamp) > meetMs) return [];
          return [{ ...record, value: { n: record.value.n, at: met.value.at } }];
        }),
      ];
    },
  };
}

/**
 * Keys of 8 bytes, values of about 100, 1 ms apart. After so many rounds through the keys as are
 * `inSession`, two rounds' time passes without any.
 */
export function* generated(records, keys, { from = 0, inSession = Infinity } = {}) {
  const pad = 'x'.repeat(70);
  for (let n = from; n < from + records; n++) {
    const key = `k${String((n * 7_919) % keys).padStart(7, '0')}`;
    const pauseMs = Math.floor(n / (inSession * keys)) * 2 * keys;
    yield { key, value: { n, at: n, pad }, timestamp: 1_700_000_000_000 + n + pauseMs };
  }
}

/** What a workload reads, by topic: the same number of records in all. */
export function feedsOf(workload, topics, records, keys, from = 0) {
  const { inSession, needsOther } = workload;
  if (!needsOther) return [[topics.input, generated(records, keys, { from, inSession })]];
  const half = () => generated(records / 2, keys, { from: from / 2 });
  return [
    [topics.input, half()],
    [topics.other, half()],
  ];
}

/** How many records come out for so many that go in. */
export function resultsOf(workload, records) {
  return workload.needsOther ? records / 2 : records;
}

export function* generatedRows(keys) {
  for (let n = 0; n < keys; n++) {
    yield {
      key: `k${String(n).padStart(7, '0')}`,
      value: { name: `name ${n}` },
      timestamp: 1_600_000_000_000,
    };
  }
}
