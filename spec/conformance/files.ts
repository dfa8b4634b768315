import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Golden, parseGolden, parseScenario, type Result, type Scenario } from './Scenario.ts';

/** A scenario and what Kafka Streams did with it. */
export interface Case {
  readonly scenario: Scenario;
  readonly golden: Golden;
}

/** Where ours does otherwise, on purpose: what it does instead, and why. */
export interface Quirk {
  readonly reason: string;
  readonly result: Result;
}

/** The scenarios of a folder, in order of their names; a file is a folder of one. */
export function readCases(place: string): readonly Case[] {
  const files = place.endsWith('.json')
    ? [place]
    : readdirSync(place, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.json') && !name.endsWith('.golden.json'))
        .sort()
        .map((name) => path.join(place, name));
  return files.map((file) => ({
    scenario: parseScenario(readFileSync(file, 'utf8')),
    golden: parseGolden(readFileSync(file.replace(/\.json$/, '.golden.json'), 'utf8')),
  }));
}

export function readQuirk(folder: string, { name }: Scenario): Quirk | null {
  const file = path.join(folder, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Quirk) : null;
}
