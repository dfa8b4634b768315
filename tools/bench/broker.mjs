// One workload against a broker, reading topics that are there and full: prints one JSON line.
import { parseArgs } from 'node:util';
import { KafkaStreams, kafkajs } from 'rxkstreams';
import { measured, started } from './measure.mjs';
import { workloads } from './workloads.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    brokers: { type: 'string' },
    workload: { type: 'string', default: 'count' },
    input: { type: 'string', default: 'input' },
    other: { type: 'string', default: 'other' },
    table: { type: 'string', default: 'rows' },
    output: { type: 'string', default: 'output' },
    records: { type: 'string', default: '1000000' },
    'commit-ms': { type: 'string', default: '100' },
    store: { type: 'string', default: 'memory' },
    guarantee: { type: 'string', default: 'at-least-once' },
  },
});
const name = positionals[0] ?? options.workload;
const records = Number(options.records);
const workload = workloads(options)[name];
if (workload === undefined) throw new Error(`There is no workload '${name}'.`);
const client = kafkajs({ brokers: options.brokers.split(','), clientId: 'bench' });

/** Where checkpoints go: `memory`, or `lmdb:PATH`. */
async function storage() {
  if (!options.store.startsWith('lmdb')) return {};
  const { lmdbStorage } = await import('rxkstreams/lmdb');
  const path = options.store.slice('lmdb:'.length) || `tmp/bench-${process.pid}`;
  return { state: lmdbStorage({ path }) };
}

const app = new KafkaStreams(workload.topology(), {
  applicationId: `bench-${name}-${process.pid}-${Date.now()}`,
  client,
  guarantee: options.guarantee,
  commitIntervalMs: Number(options['commit-ms']),
  ...(await storage()),
});
app.errors$.subscribe((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
const start = started();
await app.start();
const wanted = records + (workload.needsTable ? await rowsOfTable() : 0);
while (app.metrics().recordsProcessed < wanted) {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
await app.close();
measured(start, { workload: name, mode: options.guarantee, records });
process.exit(0);

async function rowsOfTable() {
  const connection = await client.connect();
  const topics = await connection.admin.describeTopics([options.table]);
  const partitions = topics.get(options.table).partitions.map(({ partition }) => ({
    topic: options.table,
    partition,
  }));
  const ends = await connection.admin.listOffsets(partitions, 'latest');
  await connection.close();
  return [...ends.values()].reduce((sum, end) => sum + end, 0);
}
