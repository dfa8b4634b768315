// `npm run bench`: the in-process pipelines, each beside its bare RxJS chain. `npm run bench --
// count --brokers host:port ...`: one of them against a broker. `npm run bench -- endless`: ten
// million records through logs with retention. `npm run bench -- growth [workload ...]`: what a
// record costs as keys grow.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildIfStale, root } from './build/compile.mjs';

buildIfStale();
const options = process.argv.slice(2);
const run = (file, ...args) => {
  const child = spawnSync(
    process.execPath,
    ['--expose-gc', '--max-old-space-size=8192', path.join(root, 'tools/bench', file), ...args],
    { cwd: root, stdio: 'inherit' },
  );
  if (child.status !== 0) process.exitCode = 1;
};

if (options[0] === 'client') run('client.mjs', ...options.slice(1));
else if (options.includes('--brokers')) run('broker.mjs', ...options);
else if (options[0] === 'endless') run('memory.mjs', 'endless', 'count', ...options.slice(1));
else if (options[0] === 'growth') {
  const chosen =
    options.length > 1 ? options.slice(1) : ['count', 'window', 'session', 'stream-join', 'join'];
  for (const workload of chosen) {
    for (const keys of [1_000, 10_000, 100_000, 1_000_000]) run('growth.mjs', workload, `${keys}`);
  }
} else {
  const chosen =
    options.length > 0
      ? options
      : ['stateless', 'count', 'window', 'join', 'stream-join', 'session'];
  for (const workload of chosen) {
    run('memory.mjs', 'bare', workload);
    run('memory.mjs', 'memory', workload);
  }
}
