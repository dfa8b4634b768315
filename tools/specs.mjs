// Runs the specs that `npm test` leaves out: `node tools/specs.mjs kafka` runs *.kafka.spec.ts.
// Those of kafka need a real broker: the one KAFKA_BROKERS names, or one started for the occasion.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { buildIfStale } from './build/compile.mjs';
import { startCluster } from './kafka/cluster.mjs';
import { parseProperties } from './kafka/serverProperties.mjs';

// Compaction and retention at once, so that a spec can force them by a topic's own configuration.
const eager = {
  'log.retention.check.interval.ms': 2_000,
  'log.cleaner.backoff.ms': 1_000,
  'log.initial.task.delay.ms': 1_000,
};

const [kind, ...options] = process.argv.slice(2);
if (kind === 'kafka' || kind === 'package') buildIfStale();

let cluster = null;
if (kind === 'kafka' && !process.env.KAFKA_BROKERS) {
  cluster = await startCluster({
    version: process.env.KAFKA_VERSION ?? '4.3.0',
    overrides: { ...eager, ...parseProperties(process.env.KAFKA_PROPERTIES ?? '') },
  });
  process.stderr.write(`kafka ${cluster.version} ready on ${cluster.brokers}\n`);
}

const jestPackage = createRequire(import.meta.url).resolve('jest/package.json');
const jest = path.join(path.dirname(jestPackage), 'bin/jest.js');
const brokers = process.env.KAFKA_BROKERS ?? cluster?.brokers;
const specs = spawn(process.execPath, [jest, '--runInBand', '--passWithNoTests', ...options], {
  stdio: 'inherit',
  env: { ...process.env, SPECS: kind, ...(brokers ? { KAFKA_BROKERS: brokers } : {}) },
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => specs.kill(signal));

const code = await new Promise((resolve) => specs.on('exit', (status) => resolve(status ?? 1)));
await cluster?.stop();
process.exitCode = code;
