import { spawnSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
const native = createRequire(import.meta.url).resolve('@typescript/native/package.json');
const tsc = path.join(path.dirname(native), 'bin/tsc');

/** Every file below a folder, sorted; none when the folder is missing. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/**
 * Runs the compiler; what it has to say goes to standard error, as standard output is the
 * program's.
 */
export function compile(project, ...more) {
  const run = spawnSync(process.execPath, [tsc, '-p', path.join(root, project), ...more], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  return run.status ?? 1;
}

// Two starts may build at once: each builds beside the folder and puts its own in place when done.
function compileTo(project, folder, finish = () => {}) {
  const fresh = path.join(root, `tmp/${folder}-${process.pid}`);
  rmSync(fresh, { recursive: true, force: true });
  const status = compile(project, '--outDir', fresh);
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    process.stderr.write(`${project} did not compile.\n`);
    process.exit(status);
  }
  finish(fresh);
  rmSync(path.join(root, folder), { recursive: true, force: true });
  renameSync(fresh, path.join(root, folder));
}

// TypeScript leaves `./x.ts` in declarations; not every editor resolves that in a package.
function rewriteDeclarations(folder) {
  for (const file of filesBelow(folder).filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(file, 'utf8');
    const better = text.replace(/((?:from|import\()\s*['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2');
    if (better !== text) writeFileSync(file, better);
  }
}

export function buildLibrary() {
  compileTo('tsconfig.build.json', 'dist', rewriteDeclarations);
}

export function buildSamples() {
  compileTo('tsconfig.samples.json', 'dist-samples');
}

export function buildConformance() {
  compileTo('tsconfig.conformance.json', 'dist-conformance');
}

const newest = (files) =>
  files.reduce((latest, file) => Math.max(latest, statSync(file).mtimeMs), 0);
const oldest = (files) =>
  files.reduce((first, file) => Math.min(first, statSync(file).mtimeMs), Infinity);

function isStale(folder, sources) {
  const made = filesBelow(path.join(root, folder));
  return made.length === 0 || newest(sources) > oldest(made);
}

/** Builds what is missing or older than its sources: a clone starts without a step in between. */
export function buildIfStale() {
  const tsconfig = path.join(root, 'tsconfig.json');
  const lib = [
    ...filesBelow(path.join(root, 'lib')),
    path.join(root, 'tsconfig.build.json'),
    tsconfig,
  ];
  if (isStale('dist', lib)) buildLibrary();
  const samples = filesBelow(path.join(root, 'samples'));
  if (isStale('dist-samples', [...samples, path.join(root, 'tsconfig.samples.json'), tsconfig])) {
    buildSamples();
  }
}

/** The same for the runner of scenarios, which only `npm run conformance` needs. */
export function buildConformanceIfStale() {
  const sources = filesBelow(path.join(root, 'spec/conformance')).filter((f) => f.endsWith('.ts'));
  const configs = ['tsconfig.json', 'tsconfig.conformance.json'].map((name) =>
    path.join(root, name),
  );
  if (isStale('dist-conformance', [...sources, ...configs])) buildConformance();
}
