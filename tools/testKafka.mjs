// Runs the specs that need a real broker: the one KAFKA_BROKERS names, or one started for the
// occasion.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { startCluster } from './kafka/cluster.mjs';
import { parseProperties } from './kafka/serverProperties.mjs';

// Compaction and retention at once, so that a spec can force them by a topic's own configuration.
const eager = {
  'log.retention.check.interval.ms': 2_000,
  'log.cleaner.backoff.ms': 1_000,
  'log.initial.task.delay.ms': 1_000,
};

let cluster = null;
if (!process.env.KAFKA_BROKERS) {
  cluster = await startCluster({
    version: process.env.KAFKA_VERSION ?? '4.3.0',
    overrides: { ...eager, ...parseProperties(process.env.KAFKA_PROPERTIES ?? '') },
  });
  process.stderr.write(`kafka ${cluster.version} ready on ${cluster.brokers}\n`);
}

const package_ = createRequire(import.meta.url).resolve('jest/package.json');
const jest = path.join(path.dirname(package_), 'bin/jest.js');
const options = ['--runInBand', '--passWithNoTests', ...process.argv.slice(2)];
const specs = spawn(process.execPath, [jest, ...options], {
  stdio: 'inherit',
  env: {
    ...process.env,
    SPECS: 'kafka',
    KAFKA_BROKERS: process.env.KAFKA_BROKERS ?? cluster.brokers,
  },
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => specs.kill(signal));

const code = await new Promise((resolve) => specs.on('exit', (status) => resolve(status ?? 1)));
await cluster?.stop();
process.exitCode = code;
