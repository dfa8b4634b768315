// One workload in this process, on the memory cluster or as a bare RxJS chain: prints one JSON
// line.
import { Subject } from 'rxjs';
import { json, KafkaStreams, memoryKafka, produce, topic } from 'rxkstreams';
import { measured, started } from './measure.mjs';
import { feedsOf, generatedRows, resultsOf, workloads } from './workloads.mjs';

const names = { input: 'input', other: 'other', table: 'rows', output: 'output' };
const [mode, name, recordsText = '1000000', keysText = '10000'] = process.argv.slice(2);
const records = Number(recordsText);
const keys = Number(keysText);
const workload = workloads(names)[name];
const results = resultsOf(workload, records);

if (mode === 'bare') bare();
else if (mode === 'endless') await endless();
else await onMemoryCluster();

async function onMemoryCluster() {
  const client = memoryKafka();
  for (const each of Object.values(names)) client.createTopic({ topic: each, partitions: 4 });
  for (const [name, feed] of feedsOf(workload, names, records, keys)) {
    await produce(client, topic(name, json()), feed);
  }
  if (workload.needsTable) await produce(client, topic(names.table, json()), generatedRows(keys));
  let written = 0;
  let finished;
  const all = new Promise((resolve) => {
    finished = resolve;
  });
  client.onAppend((appended) => {
    if (appended.topic !== names.output) return;
    written += appended.count;
    if (written >= results) finished();
  });
  const app = new KafkaStreams(workload.topology(), { applicationId: `bench-${name}`, client });
  app.errors$.subscribe((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
  globalThis.gc?.();
  const start = started();
  await app.start();
  await all;
  measured(start, { workload: name, mode: 'memory cluster', records });
  await app.close();
}

// Bytes in, bytes out, as for the pipeline; no log, no state to keep, no guarantee.
function bare() {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const input = feedsOf(workload, names, records, keys)
    .flatMap(([, feed]) => [...feed])
    .map(({ key, value, timestamp }) => ({
      key: encoder.encode(key),
      value: encoder.encode(JSON.stringify(value)),
      timestamp,
    }))
    .sort((a, b) => a.timestamp - b.timestamp);
  const rows = new Map([...generatedRows(keys)].map(({ key, value }) => [key, value]));
  const source = new Subject();
  const output = [];
  source.pipe(...workload.bare(rows)).subscribe((record) => {
    output.push({
      key: encoder.encode(record.key),
      value: encoder.encode(JSON.stringify(record.value)),
      timestamp: record.timestamp,
    });
  });
  globalThis.gc?.();
  const start = started();
  for (const { key, value, timestamp } of input) {
    source.next({
      key: decoder.decode(key),
      value: JSON.parse(decoder.decode(value)),
      timestamp,
    });
  }
  if (output.length !== results) throw new Error(`${output.length} of ${results} came out`);
  measured(start, { workload: name, mode: 'bare rxjs', records });
}

// Records without end, through logs with retention: memory must not grow with their number.
async function endless() {
  const client = memoryKafka({ topicConfig: { 'retention.bytes': String(4 << 20) } });
  for (const each of Object.values(names)) client.createTopic({ topic: each, partitions: 4 });
  const app = new KafkaStreams(workload.topology(), { applicationId: `endless-${name}`, client });
  app.errors$.subscribe((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
  let written = 0;
  client.onAppend((appended) => {
    if (appended.topic === names.output) written += appended.count;
  });
  await app.start();
  const start = started();
  const slice = 50_000;
  for (let fed = 0; fed < records; fed += slice) {
    const some = Math.min(slice, records - fed);
    for (const [name, feed] of feedsOf(workload, names, some, keys, fed)) {
      await produce(client, topic(name, json()), feed);
    }
    const wanted = resultsOf(workload, fed + some);
    while (written < wanted) await new Promise((resolve) => setTimeout(resolve, 1));
    if (fed % 1_000_000 === 0) {
      const rssMb = Math.round(process.memoryUsage().rss / 1e6);
      process.stderr.write(`${fed / 1e6} M records, ${rssMb} MB\n`);
    }
  }
  measured(start, { workload: name, mode: 'memory cluster with retention', records });
  await app.close();
}
