import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** One program out of a comment or a page. */
export interface Example {
  /** `lib/operators/count.ts:23`. */
  readonly place: string;
  readonly code: string;
}

/** Where the block of the page is only compiled: ```ts no-run. */
const fence = /^```ts( no-run)?\n([\s\S]*?)^```/gm;

function uncomment(comment: string): string[] {
  return comment
    .replace(/\*\/\s*$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''));
}

/**
 * Every `@example` of a source file: from the tag to the next tag, or to the end of the comment.
 */
export function examplesOf(file: string, text: string): Example[] {
  const examples: Example[] = [];
  for (const { 0: comment, index } of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const firstLine = text.slice(0, index).split('\n').length;
    const lines = uncomment(comment);
    lines.forEach((line, at) => {
      if (!/^@example\b/.test(line)) return;
      const rest = lines.slice(at + 1);
      const next = rest.findIndex((other) => /^@[a-z]\w*\b(?!\/)/i.test(other));
      const code = (next < 0 ? rest : rest.slice(0, next)).join('\n');
      const fenced = /^```\w*\n([\s\S]*?)^```/m.exec(code);
      examples.push({ place: `${file}:${firstLine + at}`, code: (fenced?.[1] ?? code).trim() });
    });
  }
  return examples;
}

/**
 * The blocks of a page as one program, as a reader would type them one after the other. A block
 * that cannot run where there is no cluster is compiled, and not run.
 */
export function pageProgram(file: string): string {
  const blocks = [...readFileSync(file, 'utf8').matchAll(fence)];
  const imports: string[] = [];
  const bodies = blocks.map(([, noRun, code], at) => {
    const { head, body } = splitImports(code ?? '');
    imports.push(head);
    return noRun
      ? `async function block${at}(): Promise<void> {\n${body}\n}\nvoid block${at};`
      : body;
  });
  return [...imports, ...bodies].join('\n');
}

function parse(code: string): ts.SourceFile {
  return ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true);
}

/** The imports of a program, and the rest. */
export function splitImports(code: string): { head: string; body: string } {
  const imports = parse(code).statements.filter(ts.isImportDeclaration);
  const head = imports.map((statement) => statement.getText()).join('\n');
  let body = code;
  for (const statement of [...imports].reverse()) {
    body = body.slice(0, statement.getStart()) + body.slice(statement.getEnd());
  }
  return { head, body };
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What an expression shows: the argument of `console.log`, else the expression itself. */
function shown(expression: ts.Expression): string {
  const isLog =
    ts.isCallExpression(expression) && expression.expression.getText() === 'console.log';
  return isLog
    ? expression.arguments.map((part) => part.getText()).join(', ')
    : expression.getText();
}

/** `expression; // => value` becomes a check; `const x = expression; // => value` gets one. */
function checksIn(tree: ts.SourceFile): Edit[] {
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    const after = /^[ \t]*\/\/ => (.*)/.exec(tree.text.slice(node.getEnd()))?.[1]?.trim();
    if (after && ts.isExpressionStatement(node)) {
      const text = `doctest.equal(${shown(node.expression)}, ${after});`;
      edits.push({ start: node.getStart(), end: node.getEnd(), text });
    } else if (after && ts.isVariableStatement(node)) {
      const name = node.declarationList.declarations.at(-1)?.name.getText();
      const text = ` doctest.equal(${name}, ${after});`;
      edits.push({ start: node.getEnd(), end: node.getEnd(), text });
    }
    node.forEachChild(visit);
  };
  visit(tree);
  return edits;
}

/** How many lines of a program say what they come to. */
export function countChecks(code: string): number {
  return checksIn(parse(code)).length;
}

// A program that brings its own tests gets `test` or `it` from the doctest, which runs them after
// it.
const testKit = /^import \{[^}]*\} from '(@jest\/globals|node:test)';$/gm;

function ownTests(body: string): string {
  const names = ['test', 'it'].filter((name) => new RegExp(`^\\s*${name}\\(`, 'm').test(body));
  return names.map((name) => `const ${name} = doctest.test;\n`).join('');
}

/** A module with one function that runs the program, for the compiler and for jest alike. */
export function moduleOf(program: string): string {
  const { head, body } = splitImports(program);
  let code = body;
  for (const { start, end, text } of checksIn(parse(body)).reverse()) {
    code = code.slice(0, start) + text + code.slice(end);
  }
  const imports = head.replace(testKit, (line, from: string) =>
    from === '@jest/globals' && line.includes('expect') ? `import { expect } from '${from}';` : '',
  );
  return `${imports}
import type { Doctest } from '../../spec/doctest/Doctest.ts';
export async function run(doctest: Doctest): Promise<void> {
${ownTests(body)}
${code.replace(/^export (?=const|let|function|async|interface|type|class)/gm, '')}
}
`;
}
