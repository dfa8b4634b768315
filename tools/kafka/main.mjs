// npm run kafka [-- --brokers 3] [-- --override name=value]...
// KAFKA_PORT, KAFKA_VERSION and KAFKA_PROPERTIES (a=1;b=2) say which broker, where, and how.
// With several brokers, lines on standard input say what becomes of one of them: `kill 2` (without
// warning), `stop 2`, `start 2`, `freeze 2`, `thaw 2`; each is answered by a line that says where
// that broker stands.
import { createInterface } from 'node:readline';
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
const count = Number(values.brokers);
const interrupted = new AbortController();
let stopping = false;
let cluster;

async function end(code = 0) {
  if (stopping) return;
  stopping = true;
  interrupted.abort();
  if (!cluster) return;
  await cluster.stop();
  process.exit(code);
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => void end());

function ended(node) {
  if (stopping) return;
  process.stderr.write(`The broker on ${node.address} ended by itself:\n${node.tail()}\n`);
  // The others go on without it; one that was alone has nothing to go on.
  if (cluster?.nodes.some(({ pid }) => pid !== null)) tell(node);
  else if (cluster) void end(1);
}

function tell({ id, address, pid }) {
  process.stdout.write(`broker ${id} ${address} ${pid === null ? 'ended' : `pid ${pid}`}\n`);
}

async function obey(line) {
  const [, order, id] = /^(kill|stop|start|freeze|thaw) (\d+)$/.exec(line.trim()) ?? [];
  const node = cluster.nodes.find((one) => `${one.id}` === id);
  if (node === undefined) {
    process.stderr.write(
      `"${line}" is no order: write kill, stop, start, freeze or thaw and a number.\n`,
    );
    return;
  }
  try {
    await node[order]();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
  }
  tell(node);
}

try {
  cluster = await startCluster({
    version: values.version,
    port: Number(values.port),
    brokers: count,
    overrides: parseProperties([process.env.KAFKA_PROPERTIES ?? '', ...values.override].join('\n')),
    signal: interrupted.signal,
    onEnd: ended,
  });
} catch (error) {
  if (stopping) process.exit(0);
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
process.stdout.write(`kafka ${cluster.version} ready on ${cluster.brokers}\n`);
if (count > 1) {
  cluster.nodes.forEach(tell);
  createInterface({ input: process.stdin }).on('line', (line) => void obey(line));
}
