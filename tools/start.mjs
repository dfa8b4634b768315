// Runs a sample: `node tools/start.mjs 2-flights --json` runs samples/2-flights/main.ts, compiled.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale, root } from './build/compile.mjs';

const [sample, ...options] = process.argv.slice(2);
const samples = readdirSync(path.join(root, 'samples')).filter((name) => /^\d/.test(name));
if (!samples.includes(sample)) {
  const list = samples.map((name) => `  npm run sample ${name}\n`).join('');
  process.stderr.write(
    `${sample ? `There is no sample ${sample}` : 'Which sample'}? There are\n${list}`,
  );
  process.exit(1);
}
buildIfStale();
const main = path.join(root, 'dist-samples', sample, 'main.js');
process.argv.splice(1, process.argv.length - 1, main, ...options);
await import(pathToFileURL(main).href);
