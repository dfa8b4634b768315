import { compare, type Difference } from './compare.ts';
import type { Case, Quirk } from './files.ts';
import type { RunMode } from './RunMode.ts';
import { runScenario } from './runScenario.ts';
import type { Result } from './Scenario.ts';
import { inOrderOfKeys } from './spread.ts';

/**
 * What a scenario came to. `same`: as Kafka Streams; `quirk`: where Kafka Streams loses data or
 * throws, ours did what is recorded; `failed`: anything else.
 */
export interface Verdict {
  readonly name: string;
  readonly verdict: 'same' | 'quirk' | 'failed';
  /** How ours differs from Kafka Streams; of a failed quirk: from what is recorded. */
  readonly differences: readonly Difference[];
  readonly actual: Result;
  readonly quirk: Quirk | null;
}

/** It could not be run to its end: that is a failure of this scenario alone. */
function brokenOff(error: unknown): Result {
  return { outputs: {}, error: `- ${error instanceof Error ? error.message : String(error)}` };
}

export async function judge(
  { scenario, golden }: Case,
  quirk: Quirk | null,
  mode: RunMode = {},
): Promise<Verdict> {
  const { name } = scenario;
  const ordered = (mode.partitions ?? 1) > 1 ? inOrderOfKeys : <R>(result: R): R => result;
  const actual = ordered(await runScenario(scenario, mode).catch(brokenOff));
  const differences = compare(actual, ordered(golden));
  if (differences.length === 0) return { name, verdict: 'same', differences, actual, quirk };
  if (quirk === null) return { name, verdict: 'failed', differences, actual, quirk };
  const wrong = compare(actual, ordered(quirk.result));
  return wrong.length === 0
    ? { name, verdict: 'quirk', differences, actual, quirk }
    : { name, verdict: 'failed', differences: wrong, actual, quirk };
}
