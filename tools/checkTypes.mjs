// Type-checks everything with TypeScript 7, and again with 6, which users may still have.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from './build/compile.mjs';

const resolve = createRequire(import.meta.url).resolve;
const compilers = {
  'TypeScript 7': path.join(path.dirname(resolve('@typescript/native/package.json')), 'bin/tsc'),
  'TypeScript 6': path.join(path.dirname(resolve('typescript/package.json')), 'bin/tsc6'),
};
const projects = [['tsconfig.json'], ['tsconfig.build.json', '--noEmit']];

let failures = 0;
for (const [name, compiler] of Object.entries(compilers)) {
  for (const [project, ...options] of projects) {
    const { status } = spawnSync(process.execPath, [compiler, '-p', project, ...options], {
      cwd: root,
      stdio: 'inherit',
    });
    process.stdout.write(`${name}, ${project}: ${status === 0 ? 'no errors' : 'errors'}\n`);
    if (status !== 0) failures += 1;
  }
}
process.exitCode = failures > 0 ? 1 : 0;
