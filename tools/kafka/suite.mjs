// `node tools/kafka/suite.mjs [4.3.0 3.9.1 ...]`: the client suite on the memory cluster and on a
// broker of each version, one case after the other, listed side by side. Ends with 1 when any
// failed.
import { buildIfStale } from '../build/compile.mjs';
import { startCluster } from './cluster.mjs';

buildIfStale();
const { kafkajs, memoryKafka } = await import('rxkstreams');
const { clientSuite } = await import('rxkstreams/testing');
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['4.3.0', '3.9.1'];
const clusters = [];
const columns = [{ name: 'memory', client: memoryKafka(), sessionMs: 1_000 }];
for (const version of versions) {
  const cluster = await startCluster({ version });
  clusters.push(cluster);
  const client = kafkajs({ brokers: cluster.brokers.split(',') });
  columns.push({ name: `Kafka ${version}`, client, sessionMs: 6_000 });
}
const suites = columns.map(({ client, sessionMs }) => {
  let names = 0;
  return clientSuite(() => ({ client, unique: (name) => `${name}-${names++}`, sessionMs }));
});
const failures = [];
const width = Math.max(...suites[0].map(({ area, name }) => area.length + name.length + 2));
const row = (first, cells) =>
  process.stdout.write(
    `${[first.padEnd(width), ...cells.map((cell) => cell.padStart(12))].join('')}\n`,
  );

row(
  '',
  columns.map(({ name }) => name),
);
for (let n = 0; n < suites[0].length; n++) {
  const cells = [];
  for (const [at, suite] of suites.entries()) cells.push(await outcome(suite[n], columns[at].name));
  row(`${suites[0][n].area}: ${suites[0][n].name}`, cells);
}
const total = suites[0].length;
row(
  'passed',
  columns.map(({ name }) => `${total - failures.filter((f) => f.on === name).length}/${total}`),
);
for (const { on, name, error } of failures)
  process.stdout.write(`\n${on}, ${name}:\n${error.stack}\n`);
await Promise.all(clusters.map((cluster) => cluster.stop()));
process.exit(failures.length === 0 ? 0 : 1);

/** How long a case took on this client, or that it failed. */
async function outcome(one, on) {
  const began = performance.now();
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('It took too long.')), one.timeoutMs);
  });
  try {
    await Promise.race([one.run(), late]);
    return `${Math.round(performance.now() - began)} ms`;
  } catch (error) {
    failures.push({ on, name: `${one.area}: ${one.name}`, error });
    return 'failed';
  } finally {
    clearTimeout(timer);
  }
}
