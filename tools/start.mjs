// Runs a sample: `node tools/start.mjs 2-flights --json` runs samples/2-flights/main.ts, compiled.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale, root } from './build/compile.mjs';

const [sample, ...options] = process.argv.slice(2);
buildIfStale();
const main = path.join(root, 'dist-samples', sample, 'main.js');
process.argv.splice(1, process.argv.length - 1, main, ...options);
await import(pathToFileURL(main).href);
