import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { pageProgram } from '../doctest/examples.ts';

// The package as others get it: packed, installed in an empty folder beside rxjs alone, and used.

const root = path.resolve(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'rxkstreams-package-'));
const bin = (name: string): string => path.join(root, 'node_modules/.bin', name);
let tarball = '';

function run(command: string, args: readonly string[], cwd = folder): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

/** Runs an ES module in the folder and answers what it prints. */
function program(name: string, code: string): string {
  writeFileSync(path.join(folder, name), code);
  return run(process.execPath, [name]);
}

beforeAll(() => {
  run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], root);
  tarball = readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? '';
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const options = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  run('npm', ['install', ...options, `./${tarball}`, 'rxjs@7.8.2']);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the tarball', () => {
  it('holds what is compiled, and the pages', () => {
    const files = run('tar', ['-tzf', tarball]).trim().split('\n');
    const kinds = new Set(
      files.map((file) => file.replace(/^package\/(dist\/).*(\.\w+)$/, '$1*$2')),
    );
    expect([...kinds].sort()).toEqual([
      'dist/*.js',
      'dist/*.ts',
      'package/CHANGELOG.md',
      'package/LICENSE',
      'package/README.md',
      'package/package.json',
    ]);
  });

  it('brings rxjs alone', () => {
    const installed = readdirSync(path.join(folder, 'node_modules'));
    expect(installed.filter((name) => !name.startsWith('.')).sort()).toEqual([
      'rxjs',
      'rxkstreams',
      'tslib',
    ]);
  });

  it('is a package every tool understands', () => {
    run(bin('publint'), ['--strict', path.join(folder, tarball)]);
    run(bin('attw'), ['--profile', 'esm-only', path.join(folder, tarball)]);
  });
});

describe('a program in an empty folder', () => {
  const page = pageProgram(path.join(root, 'README.md'));

  it('runs the first example of the README, and its diagram', () => {
    const { outputText } = ts.transpileModule(page, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    expect(program('readme.js', `${outputText}\nconsole.log('done');\n`)).toMatch(/done\n$/);
  });

  it('finds its types', () => {
    writeFileSync(path.join(folder, 'readme.ts'), `${page}\nexport {};\n`);
    // Declarations are checked too: they need nothing but RxJS.
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext'];
    for (const compiler of ['tsc', 'tsc6']) {
      expect(run(bin(compiler), [...options, 'readme.ts'])).toBe('');
    }
  });

  it('may be a CommonJS one', () => {
    writeFileSync(path.join(folder, 'old.cjs'), "console.log(typeof require('rxkstreams').stream)");
    expect(run(process.execPath, ['--no-warnings', 'old.cjs'])).toBe('function\n');
  });
});

describe('in a browser', () => {
  /** Bundles a module; answers the files that went in. */
  const bundle = (name: string, code: string): string[] => {
    writeFileSync(path.join(folder, `${name}.in.js`), code);
    const to = `--outfile=${name}.out.mjs`;
    const options = ['--bundle', '--platform=browser', '--format=esm', '--minify', to];
    run(bin('esbuild'), [...options, `--metafile=${name}.json`, `${name}.in.js`]);
    const meta = readFileSync(path.join(folder, `${name}.json`), 'utf8');
    return Object.keys((JSON.parse(meta) as { inputs: object }).inputs);
  };

  it('the main entry bundles, without a client for sockets', () => {
    const inputs = bundle('main', "export * from 'rxkstreams';");
    expect(inputs.filter((file) => /client\/kafkajs\/(?!unavailable)/.test(file))).toEqual([]);
    const names = 'console.log(Object.keys(await import("./main.out.mjs")).sort().join())';
    const same = 'console.log(Object.keys(await import("rxkstreams")).sort().join())';
    expect(program('names.js', names)).toBe(program('same.js', same));
  });

  it('the test kit bundles', () => {
    expect(bundle('kit', "export * from 'rxkstreams/testing';")).not.toEqual([]);
  });
});
