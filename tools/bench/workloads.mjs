// The pipelines that are measured, and beside each the bare RxJS chain that does the same without any guarantee.
import { filter, map } from 'rxjs';
import {
  count,
  groupByKey,
  int64,
  join,
  json,
  keyValueStore,
  mapValues,
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

// Ten records of a key in each window.
const windowMs = 100_000;

/** @param {{ input: string, table: string, output: string }} topics */
export function workloads({ input, table: tableTopic, output }) {
  const events = topic(input, json());
  const names = topic(tableTopic, json());
  return {
    stateless: {
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
    },
    count: {
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
    },
    window: {
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
    },
    join: {
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
    },
  };
}

/** Keys of 8 bytes, values of about 100, 1 ms apart. */
export function* generated(records, keys) {
  const pad = 'x'.repeat(70);
  for (let n = 0; n < records; n++) {
    const key = `k${String((n * 7_919) % keys).padStart(7, '0')}`;
    yield { key, value: { n, at: n, pad }, timestamp: 1_700_000_000_000 + n };
  }
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
