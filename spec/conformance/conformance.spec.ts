import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readCases, readQuirk } from './files.ts';
import { judge } from './judge.ts';
import { difference } from './report.ts';

const folder = path.resolve(__dirname, '../../../shared/conformance');
const quirks = path.join(__dirname, 'quirks');
const beside = ['open', 'fuzz']
  .map((name) => path.join(folder, name))
  .filter((place) => existsSync(place))
  .flatMap(readCases);
/** Small ones, each of something that was once otherwise than in Kafka Streams. */
const regressions = readCases(path.join(__dirname, 'regressions'));

describe('what Kafka Streams does', () => {
  it('has scenarios where their folder is', () => {
    expect(beside.length > 0).toBe(existsSync(folder));
  });
  for (const one of [...beside, ...regressions]) {
    const { scenario } = one;
    it(`${scenario.name}: ${scenario.about}`, async () => {
      const verdict = await judge(one, readQuirk(quirks, scenario));
      if (verdict.verdict === 'failed') throw new Error(difference(verdict, scenario));
      expect(verdict.verdict).toBe(verdict.quirk === null ? 'same' : 'quirk');
    });
  }
});
