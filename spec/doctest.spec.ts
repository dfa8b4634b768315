import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Run } from './doctest/Doctest.ts';
import type { Example } from './doctest/examples.ts';
import { countChecks, examplesOf, moduleOf, pageProgram } from './doctest/examples.ts';

// Every @example in lib, and the page README.md, compiled and run. `expression; // => value` is a
// check.

const root = path.resolve(__dirname, '..');
const folder = path.join(root, `tmp/doctest-${process.pid}`);
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const git = ['ls-files', '--cached', '--others', '--exclude-standard', 'lib/*.ts'];
const examples: Example[] = execFileSync('git', git, { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(path.join(root, file)))
  .flatMap((file) => examplesOf(file, readFileSync(path.join(root, file), 'utf8')));
const page = path.join(root, 'README.md');
if (existsSync(page)) examples.push({ place: 'README.md', code: pageProgram(page) });

const moduleFile = ({ place }: Example): string => `${place.replace(/[/:.]/g, '-')}.ts`;
for (const example of examples) {
  writeFileSync(path.join(folder, moduleFile(example)), moduleOf(example.code));
}

function compilerErrors(): string[] {
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: ['*.ts'],
  };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
  const native = path.dirname(require.resolve('@typescript/native/package.json'));
  const tsc = [path.join(native, 'bin/tsc'), '-p', folder, '--pretty', 'false'];
  const { stdout } = spawnSync(process.execPath, tsc, { cwd: folder, encoding: 'utf8' });
  // Errors in lib itself are the type check's to report.
  return stdout
    .split('\n')
    .filter((line) => /^[^./\s][^/]* error TS|^\S*doctest.* error/.test(line));
}

describe('examples', () => {
  it('compile', () => {
    expect(compilerErrors()).toEqual([]);
  }, 60_000);

  it.each(examples.map((example) => [example.place, example] as const))(
    '%s',
    async (_place, example) => {
      const { run } = require(path.join(folder, moduleFile(example))) as {
        run: Run;
      };
      const tests: (() => unknown)[] = [];
      let checks = 0;
      const equal = (actual: unknown, expected: unknown): void => {
        checks += 1;
        expect(actual).toEqual(expected);
      };
      await run({ equal, test: (_name, test) => tests.push(test) });
      for (const test of tests) await test();
      expect(checks).toBeGreaterThanOrEqual(countChecks(example.code));
    },
  );
});
