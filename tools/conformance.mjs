// Runs scenarios of Kafka Streams on the testing kit: `npm run conformance -- DIR...`. Without a
// folder: those that lie beside the project, if they do.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildConformanceIfStale, buildIfStale, root } from './build/compile.mjs';

buildIfStale();
buildConformanceIfStale();
const { main } = await import(pathToFileURL(path.join(root, 'dist-conformance/main.js')).href);
process.exitCode = await main(root, process.argv.slice(2));
