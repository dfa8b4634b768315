// npm run kafka [-- --brokers 3] [-- --override name=value]...
// KAFKA_PORT, KAFKA_VERSION and KAFKA_PROPERTIES (a=1;b=2) say which broker, where, and how.
import { parseArgs } from 'node:util';
import { startCluster } from './cluster.mjs';
import { parseProperties } from './serverProperties.mjs';

const { values } = parseArgs({
  options: {
    brokers: { type: 'string', default: '1' },
    override: { type: 'string', multiple: true, default: [] },
    port: { type: 'string', default: process.env.KAFKA_PORT ?? '9092' },
    version: { type: 'string', default: process.env.KAFKA_VERSION ?? '4.3.0' },
  },
});

const interrupted = new AbortController();
let stopping = false;
let cluster;

async function end() {
  if (stopping) return;
  stopping = true;
  interrupted.abort();
  if (!cluster) return;
  await cluster.stop();
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, end);

try {
  cluster = await startCluster({
    version: values.version,
    port: Number(values.port),
    brokers: Number(values.brokers),
    overrides: parseProperties([process.env.KAFKA_PROPERTIES ?? '', ...values.override].join('\n')),
    signal: interrupted.signal,
  });
} catch (error) {
  if (stopping) process.exit(0);
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
process.stdout.write(`kafka ${cluster.version} ready on ${cluster.brokers}\n`);

const said = await cluster.ended;
if (!stopping) {
  process.stderr.write(`The broker ended by itself:\n${said}\n`);
  await cluster.stop();
  process.exit(1);
}
