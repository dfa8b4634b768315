// Compiles the acceptance programs (../shared/programs) against the package, under its own name. A
// program that needs a word the package does not have yet is named and left out; one that does not
// compile fails.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { buildIfStale, root } from './build/compile.mjs';

const programs = path.join(root, '../shared/programs');
const folder = path.join(root, 'tmp/programs');

const byPackageName = (text) =>
  text
    .replaceAll("'./api.ts'", "'rxkstreams'")
    .replaceAll("'./api-testing.ts'", "'rxkstreams/testing'");

/**
 * A file may hold two programs, the second beginning with its own import of the API in the middle.
 * It becomes a file of its own, with the test kit the first one imports.
 */
function programsOf(name, text) {
  const lines = text.split('\n');
  const second = lines.findIndex(
    (line, at) =>
      line.includes("from './api.ts'") && lines.slice(0, at).some((l) => /^\w+\(/.test(l)),
  );
  if (second < 0) return { [name]: text };
  const kit = lines
    .slice(0, second)
    .filter((line) => /^declare function|from '\.\/(api-testing|diagrams)\.ts'/.test(line));
  return {
    [name]: lines.slice(0, second).join('\n'),
    [name.replace(/\.ts$/, '-second.ts')]: [...kit, ...lines.slice(second)].join('\n'),
  };
}

function copyPrograms() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const texts = new Map();
  const sources = readdirSync(programs).filter((name) => /^(?!api).*\.ts$/.test(name));
  for (const name of sources) {
    const parts = programsOf(name, readFileSync(path.join(programs, name), 'utf8'));
    for (const [part, text] of Object.entries(parts)) {
      texts.set(part, byPackageName(text));
      writeFileSync(path.join(folder, part), texts.get(part));
    }
  }
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    types: ['node'],
  };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  return texts;
}

function compile() {
  const native = createRequire(import.meta.url).resolve('@typescript/native/package.json');
  const tsc = path.join(path.dirname(native), 'bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout.split('\n').filter((line) => / error TS/.test(line));
}

function report(texts, errors) {
  const of = (name) => errors.filter((line) => line.startsWith(`${name}(`));
  const missing = (name) =>
    of(name).flatMap(
      (line) =>
        /TS(?:2305|2724): .* has no exported member(?: named)? '(\w+)'/.exec(line)?.[1] ?? [],
    );
  const needs = (name) => [
    ...missing(name),
    ...[...texts.get(name).matchAll(/from '\.\/([\w-]+\.ts)'/g)].flatMap(([, other]) =>
      needs(other),
    ),
  ];
  let failures = 0;
  for (const name of texts.keys()) {
    const words = [...new Set(needs(name))];
    if (words.length > 0) {
      process.stdout.write(`${name}: left out, needs ${words.join(', ')}\n`);
    } else if (of(name).length > 0) {
      failures += 1;
      process.stdout.write(`${name}: does not compile\n${of(name).join('\n')}\n`);
    } else {
      process.stdout.write(`${name}: compiles\n`);
    }
  }
  return failures;
}

if (existsSync(programs)) {
  buildIfStale();
  process.exitCode = report(copyPrograms(), compile()) > 0 ? 1 : 0;
} else {
  process.stdout.write('The programs are not beside this folder: nothing to compile.\n');
}
