// What a store costs: `node spec/bench/state.bench.mjs [name...]`. Prints ns a record for each
// case, once warm.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

const bundle = await build({
  stdin: {
    contents: `
      export * from '../../lib/state/createRowStore.ts';
      export * from '../../lib/serde/string.ts';
      export * from '../../lib/serde/json.ts';`,
    resolveDir: import.meta.dirname,
  },
  bundle: true,
  format: 'esm',
  target: 'es2022',
  write: false,
});
const file = path.join(os.tmpdir(), `state-bench-${process.pid}.mjs`);
await fs.writeFile(file, bundle.outputFiles[0].contents);
const { createRowStore, json, string } = await import(file);
if (process.env.KEEP === undefined) await fs.rm(file);

const make = (timeIndex) =>
  createRowStore({ name: 'bench', key: string(), value: json(), timeIndex, changelog: true });

/** Keys as a task sees them: one object a key, in no order. */
function keysOf(n) {
  const keys = Array.from({ length: n }, (_, i) => `customer-${(i * 7919) % n}`);
  return keys.map((key) => Buffer.from(key).toString());
}

/** Deterministic numbers below n. */
function* sequence(n, count) {
  let x = 12345;
  for (let i = 0; i < count; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    yield x % n;
  }
}

/** CPU time, not time: other work on the machine is not the store's. */
function cpuNs(start) {
  const { user, system } = process.cpuUsage(start);
  return (user + system) * 1000;
}

/** What no store can be faster than: a Map of objects. */
function bareMap(n, records) {
  const keys = keysOf(n);
  const order = Uint32Array.from(sequence(n, records));
  const map = new Map();
  const run = () => {
    for (let i = 0; i < records; i++) {
      const key = keys[order[i]];
      let entry = map.get(key);
      if (entry === undefined) {
        entry = { row: null };
        map.set(key, entry);
      }
      entry.row = { value: entry.row === null ? 1 : entry.row.value + 1, timestamp: i };
    }
  };
  return [run, records];
}

function keyValue(n, records, commitEvery) {
  const keys = keysOf(n);
  const order = Uint32Array.from(sequence(n, records));
  const store = make(false);
  const run = () => {
    for (let i = 0; i < records; i++) {
      store.beginTurn();
      const key = keys[order[i]];
      const row = store.get(key, 0, 0);
      store.put(key, 0, 0, row === undefined ? 1 : row.value + 1, i);
      if (commitEvery > 0 && i % commitEvery === commitEvery - 1) {
        store.freeze();
        store.publish();
      }
    }
  };
  return [run, records];
}

function windows(n, records, perWindow) {
  const keys = keysOf(n);
  const order = Uint32Array.from(sequence(n, records));
  const store = make(true);
  let now = 0;
  const run = () => {
    for (let i = 0; i < records; i++) {
      store.beginTurn();
      const start = Math.floor(now++ / perWindow) * 60_000;
      const key = keys[order[i]];
      const row = store.get(key, start, 0);
      store.put(key, start, 0, row === undefined ? 1 : row.value + 1, i);
      store.expire(start - 60_000);
      if (i % 40_000 === 39_999) {
        store.freeze();
        store.publish();
      }
    }
  };
  return [run, records];
}

function freeze(n) {
  const keys = keysOf(n);
  const store = make(false);
  const run = () => {
    for (const key of keys) store.put(key, 0, 0, (store.get(key, 0, 0)?.value ?? 0) + 1, 1);
    const start = process.cpuUsage();
    store.freeze();
    store.publish();
    return cpuNs(start);
  };
  return [run, n];
}

function joinBuffer(n, records) {
  const keys = keysOf(n);
  const order = Uint32Array.from(sequence(n, records));
  const store = make(true);
  let now = 0;
  const run = () => {
    let met = 0;
    for (let i = 0; i < records; i++) {
      store.beginTurn();
      now++;
      const key = keys[order[i]];
      for (const row of store.ofKey(key, now - 10_000, now)) met += row.minor === -1 ? 1 : 0;
      store.put(key, now, i, i, now);
      store.expire(now - 10_000);
      if (i % 40_000 === 39_999) {
        store.freeze();
        store.publish();
      }
    }
    if (met > 0) throw new Error('no such row');
  };
  return [run, records];
}

/** One key's rows, each new one at the end of the buffer, the due ones taken from its head. */
function suppress(n, records) {
  const keys = keysOf(n);
  const store = make(true);
  let now = 0;
  const run = () => {
    for (let i = 0; i < records; i++) {
      store.beginTurn();
      store.put(keys[i % n], now, i, i, now);
      for (const row of store.byTime(-Infinity, now - 5_000))
        store.delete(row.key, row.major, row.minor);
      now++;
      if (i % 40_000 === 39_999) {
        store.freeze();
        store.publish();
      }
    }
  };
  return [run, records];
}

function inserts(n) {
  const keys = keysOf(n);
  const run = () => {
    const store = make(false);
    for (const row of store.range(null, null)) throw new Error(row.key);
    for (const key of keys) store.put(key, 0, 0, 1, 1);
  };
  return [run, n];
}

const cases = {
  'bare Map of objects, 10,000 keys': () => bareMap(10_000, 1_000_000),
  'bare Map of objects, 1,000,000 keys': () => bareMap(1_000_000, 2_000_000),
  'key-value get+put, 10,000 keys, no commit': () => keyValue(10_000, 1_000_000, 0),
  'key-value get+put, 10,000 keys, commit every 40,000': () => keyValue(10_000, 1_000_000, 40_000),
  'key-value get+put, 1,000,000 keys, no commit': () => keyValue(1_000_000, 2_000_000, 0),
  'window get+put+expire, 10,000 keys x 100,000 a window': () =>
    windows(10_000, 1_000_000, 100_000),
  'window get+put+expire, 1,000 keys x 100,000 a window': () => windows(1_000, 1_000_000, 100_000),
  'freeze+publish, 10,000 rows': () => freeze(10_000),
  'freeze+publish, 1,000,000 rows': () => freeze(1_000_000),
  'join buffer: ofKey (1 row)+put+expire, 10,000 keys': () => joinBuffer(10_000, 500_000),
  'join buffer: ofKey (10 rows)+put+expire, 1,000 keys': () => joinBuffer(1_000, 200_000),
  'suppress: put, byTime, delete': () => suppress(1_000, 500_000),
  'insert in order of keys, 10,000': () => inserts(10_000),
  'insert in order of keys, 1,000,000': () => inserts(1_000_000),
};

const asked = process.argv.slice(2);
for (const [name, prepare] of Object.entries(cases)) {
  if (asked.length > 0 && !asked.some((part) => name.includes(part))) continue;
  const [run, records] = prepare();
  let best = Infinity;
  for (let round = 0; round < 6; round++) {
    const start = process.cpuUsage();
    const own = run();
    const took = own ?? cpuNs(start);
    best = Math.min(best, took / records);
  }
  console.log(`${best.toFixed(0).padStart(6)} ns  ${name}`);
}
