import { describe, expect, it } from '@jest/globals';
import { countChecks, examplesOf, moduleOf } from './examples.ts';

const comment = (...lines: string[]): string =>
  ['/**', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'].join('\n');

describe('examples', () => {
  it('begin after their tag and end at the next', () => {
    const text = comment('Prose.', '', '@example Two', "f('a');", '', 'g(); // => 1', '@see h');
    expect(examplesOf('x.ts', text)).toEqual([
      { place: 'x.ts:4', code: "f('a');\n\ng(); // => 1" },
    ]);
  });

  it('may stand in a fence', () => {
    const text = comment('@example', 'As one writes:', '```ts', 'f();', '```');
    expect(examplesOf('x.ts', text)).toEqual([{ place: 'x.ts:2', code: 'f();' }]);
  });

  it('become a function in which `// =>` lines are checks', () => {
    const code = moduleOf(
      "import { f } from 'f';\nexport const a = f(); // => 1\nawait a; // => 2",
    );
    expect(code).toMatch(/^import \{ f \} from 'f';/);
    expect(code).toContain('\nconst a = f(); doctest.equal(a, 1); // => 1\n');
    expect(code).toContain('\ndoctest.equal(await a, 2); // => 2\n');
  });

  it('check what they print', () => {
    expect(moduleOf('console.log(f(1)); // => [2]')).toContain('doctest.equal(f(1), [2]);');
  });

  it('have as many checks as lines that say so', () => {
    expect(countChecks('f(() => {\n  g(); // => 1\n}); // => 2\nh(); // not one')).toBe(2);
  });

  it('bring tests, which the doctest runs', () => {
    const code = moduleOf("import { it } from '@jest/globals';\nit('works', () => {});");
    expect(code).not.toContain('@jest/globals');
    expect(code).toContain('const it = doctest.test;');
  });
});
