// What a record costs when there are so many keys: prints one JSON line. All keys have been seen
// before, and windows, sessions and records that wait for others come and go as fast as the keys.
import { PerformanceObserver } from 'node:perf_hooks';
import { json, KafkaStreams, memoryKafka, string } from 'rxkstreams';
import { feedsOf, generatedRows, resultsOf, workloads } from './workloads.mjs';

const names = { input: 'input', other: 'other', table: 'rows', output: 'output' };
const partitions = 4;
const [name, keysText] = process.argv.slice(2);
const keys = Number(keysText);
const times = { windowMs: keys, meetMs: keys / 2 - 1, gapMs: 1.5 * keys, inSession: 2 };
const workload = workloads(names, times)[name];

// The cluster lies in the same heap, so what it keeps is measured too: no more than it has to.
const client = memoryKafka({
  topicConfig: { 'retention.bytes': String(4 << 20), 'delete.retention.ms': '1000' },
});
for (const topic of Object.values(names)) {
  const config = topic === names.table ? { 'cleanup.policy': 'compact' } : {};
  client.createTopic({ topic, partitions, config });
}
let written = 0;
client.onAppend((appended) => {
  if (appended.topic === names.output) written += appended.count;
});
const connection = await client.connect();
const producer = connection.producer();
await producer.init();
const app = new KafkaStreams(workload.topology(), {
  applicationId: `growth-${name}`,
  client,
  maxTaskIdleMs: 50, // else one input of a join runs ahead of the other when both get more
});
app.errors$.subscribe((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
if (workload.needsTable) await producer.send(batches([[names.table, generatedRows(keys)]]));
await app.start();
await app.idle();

let gcMs = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) gcMs += duration;
}).observe({ entryTypes: ['gc'] });

let fed = 0;
const round = keys * (workload.needsOther || workload.inSession ? 2 : 1);
await cpuMicrosOf(Math.max(200_000, round));
globalThis.gc?.();
await new Promise((resolve) => setTimeout(resolve, 10));
const records = Math.max(400_000, round);
const gcMsBefore = gcMs;
const cpuMicros = await cpuMicrosOf(records);
const perRecord = (micros) => Math.round((micros / records) * 100) / 100;
const line = {
  workload: name,
  keys,
  cpuMicrosPerRecord: perRecord(cpuMicros),
  // Of the garbage collector's pauses: they grow with all that is alive, the cluster's logs too.
  gcMicrosPerRecord: perRecord((gcMs - gcMsBefore) * 1_000),
  records,
  peakRssMb: Math.round(process.resourceUsage().maxRSS / 1_024),
};
process.stdout.write(`${JSON.stringify(line)}\n`);
await app.close();
await connection.close();

/** From the log to the results; making the records does not count. */
async function cpuMicrosOf(more) {
  let micros = 0;
  for (const end = fed + more; fed < end; ) {
    const slice = Math.min(50_000, end - fed);
    const some = batches(feedsOf(workload, names, slice, keys, fed));
    fed += slice;
    const wanted = resultsOf(workload, fed);
    const start = process.cpuUsage();
    await producer.send(some);
    while (written < wanted) await new Promise((resolve) => setTimeout(resolve, 1));
    const { user, system } = process.cpuUsage(start);
    micros += user + system;
  }
  return micros;
}

// All in one request: both inputs of a join get more at the same time.
function batches(feeds) {
  const [keySerde, valueSerde] = [string(), json()];
  return feeds.flatMap(([topic, feed]) => {
    const lists = Array.from({ length: partitions }, () => []);
    for (const { key, value, timestamp } of feed) {
      const record = { key: keySerde.encode(key), value: valueSerde.encode(value), timestamp };
      lists[Number(key.slice(1)) % partitions].push({ ...record, headers: [] });
    }
    return lists.map((records, partition) => ({ topic, partition, records }));
  });
}
