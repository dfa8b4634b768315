import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

// The rules of CONTRIBUTING.md that a script can check. Each test lists what breaks its rule.

const root = path.resolve(__dirname, '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const git = ['ls-files', '--cached', '--others', '--exclude-standard'];
const files = execFileSync('git', git, { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(path.join(root, file)));

const isCode = (file: string): boolean => /\.(ts|mjs|cjs)$/.test(file);
const code = files.filter(isCode);
const lib = code.filter((file) => file.startsWith('lib/'));
const isAdapter = (file: string): boolean =>
  /^lib\/(client\/kafkajs|state\/(idb|lmdb))\//.test(file);

const trees = new Map<string, ts.SourceFile>();
function treeOf(file: string): ts.SourceFile {
  const known = trees.get(file);
  if (known) return known;
  const tree = ts.createSourceFile(file, read(file), ts.ScriptTarget.ES2022, true);
  trees.set(file, tree);
  return tree;
}

/** Every node of a file that the test picks, as `file:line what`. */
function offences(file: string, pick: (node: ts.Node) => string | undefined): string[] {
  const tree = treeOf(file);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const what = pick(node);
    if (what !== undefined) {
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1} ${what}`);
    }
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}

function linesLike(file: string, wrong: (line: string) => boolean): string[] {
  return read(file)
    .split('\n')
    .flatMap((line, at) => (wrong(line) ? [`${file}:${at + 1} ${line.trim()}`] : []));
}

describe('sizes', () => {
  it('no file is longer than 400 lines', () => {
    const lengths = code.map((file) => ({ file, lines: read(file).split('\n').length - 1 }));
    expect(lengths.filter(({ lines }) => lines > 400)).toEqual([]);
  });

  it('no line is longer than 100 columns', () => {
    // A message stands on one line, so that it can be found by what it says; a path is not broken.
    const isMessage = /^\s*(?:[?:] |\+ )?([`'"]).*\1[,;]?$/;
    const isWide = (line: string): boolean =>
      line.length > 100 &&
      !isMessage.test(line) &&
      !/^import .* from '/.test(line) &&
      !/https?:\/\/\S{60}/.test(line);
    const wide = code.flatMap((file) => linesLike(file, isWide));
    expect(wide.map((line) => line.split(' ')[0])).toEqual([]);
  });

  it('no function is longer than 70 lines', () => {
    const tooLong = (node: ts.Node): string | undefined => {
      if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return undefined;
      const tree = node.getSourceFile();
      const first = tree.getLineAndCharacterOfPosition(node.getStart()).line;
      const last = tree.getLineAndCharacterOfPosition(node.getEnd()).line;
      return last - first + 1 > 70 ? `${last - first + 1} lines` : undefined;
    };
    const watched = code.filter((file) => !file.startsWith('spec/'));
    expect(watched.flatMap((file) => offences(file, tooLong))).toEqual([]);
  });
});

describe('words', () => {
  it('nothing is left to do', () => {
    const open = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
    expect(code.flatMap((file) => linesLike(file, (line) => open.test(line)))).toEqual([]);
  });

  it('no test is left out, and none runs alone', () => {
    const marked = /\b(?:it|test|describe)\.(?:only|skip|todo)\b|\b[xf](?:it|describe)\(/;
    const specs = code.filter((file) => file.startsWith('spec/') && file !== 'spec/tidy.spec.ts');
    expect(specs.flatMap((file) => linesLike(file, (line) => marked.test(line)))).toEqual([]);
  });

  it('a file is named after what it holds', () => {
    const vague = /(^|\/)(utils?|helpers?|common|misc|shared)(\.|\/)|Impl\.ts$/i;
    expect(lib.filter((file) => vague.test(file))).toEqual([]);
  });

  it('no name begins with an I for interface or ends with Impl', () => {
    const badly = (node: ts.Node): string | undefined => {
      if (!ts.isInterfaceDeclaration(node) && !ts.isClassDeclaration(node)) return undefined;
      const name = node.name?.text ?? '';
      return /^I[A-Z][a-z]|Impl$/.test(name) ? name : undefined;
    };
    expect(lib.flatMap((file) => offences(file, badly))).toEqual([]);
  });

  it('no file names a place that only one computer has', () => {
    const places = [
      /(?:^|[\s'"`(=])\/(?:root|work|home\/\w+|Users\/\w+|opt)\//,
      /\bregistry\.[a-z]|\bartifactory\b|_authToken|\/npm\/registry/,
      /\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}\b/,
    ];
    const isThere = (line: string): boolean => places.some((place) => place.test(line));
    const watched = files.filter((file) => file !== 'spec/tidy.spec.ts');
    expect(watched.flatMap((file) => linesLike(file, isThere))).toEqual([]);
  });
});

describe('ports', () => {
  const timed = [
    ...['Date.now', 'performance.now', 'Math.random', 'process.nextTick', 'crypto.randomUUID'],
    ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ];

  it('time and chance come in through lib/model/clock.ts', () => {
    const reads = (node: ts.Node): string | undefined => {
      if (ts.isNewExpression(node) && node.expression.getText() === 'Date') {
        return node.arguments?.length ? undefined : 'new Date()';
      }
      if (!ts.isCallExpression(node)) return undefined;
      const callee = node.expression.getText().replace(/^globalThis\./, '');
      return timed.includes(callee) ? callee : undefined;
    };
    const watched = lib.filter((file) => file !== 'lib/model/clock.ts');
    expect(watched.flatMap((file) => offences(file, reads))).toEqual([]);
  });

  it('only adapters know that they run in Node', () => {
    const nodeOnly = new Set(['Buffer', 'require', '__dirname', '__filename']);
    const ofProcess =
      /^process\.(argv|cwd|emit|env|exit|hrtime|kill|memoryUsage|nextTick|on|pid|std)/;
    const uses = (node: ts.Node): string | undefined => {
      if (ts.isPropertyAccessExpression(node) && ofProcess.test(node.getText())) return 'process';
      if (!ts.isIdentifier(node) || !nodeOnly.has(node.text)) return undefined;
      const { parent } = node;
      const isMember =
        (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        (ts.isMethodDeclaration(parent) && parent.name === node) ||
        (ts.isMethodSignature(parent) && parent.name === node) ||
        (ts.isPropertySignature(parent) && parent.name === node) ||
        (ts.isPropertyDeclaration(parent) && parent.name === node) ||
        (ts.isPropertyAssignment(parent) && parent.name === node) ||
        (ts.isFunctionDeclaration(parent) && parent.name === node) ||
        ts.isExportSpecifier(parent);
      return isMember ? undefined : node.text;
    };
    const watched = lib.filter((file) => !isAdapter(file));
    expect(watched.flatMap((file) => offences(file, uses))).toEqual([]);
  });
});

describe('every operator', () => {
  const operators = lib.filter((file) => /^lib\/operators\/[^/]+\.ts$/.test(file));
  const names = operators.map((file) => path.basename(file, '.ts'));

  it('is exported under the name of its file', () => {
    const index = read('lib/index.ts');
    const isExported = (name: string): boolean =>
      new RegExp(`\\b${name}\\b[^;]*from '\\./operators/${name}\\.ts'`).test(index);
    expect(names.filter((name) => !isExported(name))).toEqual([]);
  });

  it('has a spec', () => {
    const specOf = (name: string): string => path.join(root, `spec/operators/${name}.spec.ts`);
    expect(names.filter((name) => !existsSync(specOf(name)))).toEqual([]);
  });

  it('has an example', () => {
    expect(operators.filter((file) => !read(file).includes('* @example'))).toEqual([]);
  });
});
