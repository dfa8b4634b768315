// Runs scenarios of Kafka Streams on the testing kit: `npm run conformance -- DIR...`. Without a folder: those
// that lie beside the project, if they do.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildConformanceIfStale, buildIfStale, root } from './build/compile.mjs';

buildIfStale();
buildConformanceIfStale();
const args = process.argv.slice(2);
const beside = ['open', 'fuzz'].map((name) => path.join(root, '../shared/conformance', name));
const isPlace = (arg) => existsSync(arg);
if (!args.includes('--help') && !args.some(isPlace)) {
  if (beside.every(isPlace)) args.push(...beside);
  else {
    process.stdout.write(
      `There are no scenarios at ${path.dirname(beside[0])}.\n0 passed, 0 failed\n`,
    );
    process.exit(0);
  }
}
const { main } = await import(pathToFileURL(path.join(root, 'dist-conformance/main.js')).href);
process.exitCode = await main(root, args);
