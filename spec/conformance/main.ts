import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Case, readCases, readQuirk } from './files.ts';
import { judge, type Verdict } from './judge.ts';
import { operatorsPage } from './operatorsPage.ts';
import type { RunMode } from './RunMode.ts';
import { closingLine, difference, quirkText } from './report.ts';
import { spreads } from './spread.ts';
import { lmdbStates } from './states.ts';

const usage = `Runs scenarios of Kafka Streams on the testing kit and compares, record by record.

  npm run conformance -- [options] [DIR...]

  DIR                           default: the project's own, and those beside it if they are there

  --crash                       a crash and a restart after every input
  --split                       inputs over three partitions, where keys allow
  --store memory|lmdb           where checkpoints go (default memory)
  --guarantee NAME              at-least-once (default), exact-state, exactly-once
  --page FILE                   writes the map of Kafka Streams' operators
  --record NAME --reason TEXT   keeps what ours does in this scenario as its quirk
`;

/** Runs what the command line says; answers the exit code. `root` is the project's folder. */
export async function main(root: string, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      crash: { type: 'boolean', default: false },
      split: { type: 'boolean', default: false },
      store: { type: 'string', default: 'memory' },
      guarantee: { type: 'string' },
      page: { type: 'string' },
      record: { type: 'string' },
      reason: { type: 'string' },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const beside = path.join(root, '../shared/conformance');
  const all = [...besideProject(beside), path.join(root, 'spec/conformance/regressions')];
  const places = positionals.length > 0 ? positionals : all;
  const missing = places.find((place) => !existsSync(place));
  if (missing !== undefined) {
    process.stderr.write(`There is no '${missing}': give folders of scenarios.\n`);
    return 2;
  }
  if (!existsSync(beside)) process.stdout.write(`There are no scenarios at ${beside}.\n`);
  const quirks = path.join(root, 'spec/conformance/quirks');
  const states = values.store === 'lmdb' ? await lmdbStates() : null;
  const mode: RunMode = {
    crash: values.crash,
    ...(values.guarantee === undefined ? {} : { guarantee: values.guarantee as never }),
    ...(states === null ? {} : { state: states.next }),
  };
  const cases = places.flatMap(readCases);
  const judged: (readonly [Case, Verdict])[] = [];
  let skipped = 0;
  for (const one of cases) {
    const { scenario } = one;
    if (values.record !== undefined && scenario.name !== values.record) continue;
    if (values.split && !spreads(scenario)) {
      skipped += 1;
      continue;
    }
    const partitions = values.split ? 3 : 1;
    judged.push([one, await judge(one, readQuirk(quirks, scenario), { ...mode, partitions })]);
  }
  await states?.close();
  if (values.record !== undefined) return record(quirks, judged, values.reason);
  show(judged);
  if (values.page !== undefined) writeFileSync(values.page, operatorsPage(judged));
  const verdicts = judged.map(([, verdict]) => verdict);
  if (skipped > 0) {
    process.stdout.write(`\n${skipped} left out: their results need all keys in one partition.\n`);
  }
  process.stdout.write(`\n${closingLine(verdicts)}\n`);
  return verdicts.some(({ verdict }) => verdict === 'failed') ? 1 : 0;
}

function besideProject(folder: string): readonly string[] {
  return ['open', 'fuzz']
    .map((name) => path.join(folder, name))
    .filter((place) => existsSync(place));
}

function show(judged: readonly (readonly [Case, Verdict])[]): void {
  const of = (wanted: Verdict['verdict']) => judged.filter(([, { verdict }]) => verdict === wanted);
  for (const [{ scenario }, verdict] of of('failed')) {
    process.stdout.write(`FAILED ${difference(verdict, scenario)}\n\n`);
  }
  const quirks = of('quirk');
  if (quirks.length === 0) return;
  process.stdout.write('Where ours does otherwise on purpose:\n\n');
  for (const [{ scenario }, verdict] of quirks) {
    process.stdout.write(`${quirkText(verdict, scenario)}\n\n`);
  }
}

/** Keeps what ours does, with the reason for it: after that it must stay so. */
function record(
  folder: string,
  judged: readonly (readonly [Case, Verdict])[],
  reason: string | undefined,
): number {
  const [found] = judged;
  if (found === undefined || reason === undefined) {
    process.stderr.write('--record takes the name of one of the scenarios, and a --reason.\n');
    return 2;
  }
  const [, { name, actual: result }] = found;
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify({ reason, result }, null, 2)}\n`);
  process.stdout.write(`${file}\n`);
  return 0;
}
