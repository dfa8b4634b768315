import type { Verdict } from './judge.ts';
import type { Scenario } from './Scenario.ts';

/** A scenario's differences, expected and actual one under the other. */
export function difference({ name, differences, actual }: Verdict, scenario: Scenario): string {
  const lines = [`${name}: ${scenario.about}`];
  if (scenario.quirk !== undefined) lines.push(`  quirk: ${scenario.quirk}`);
  if (actual.error !== undefined) lines.push(`  error: ${actual.error}`);
  for (const { where, expected, actual } of differences) {
    lines.push(`  ${where}`, `    expected  ${expected}`, `    actual    ${actual}`);
  }
  return lines.join('\n');
}

/**
 * A scenario in which ours does otherwise on purpose: what Kafka Streams does, what ours does, and
 * why.
 */
export function quirkText({ name, differences, quirk }: Verdict, scenario: Scenario): string {
  const lines = [`${name}: ${scenario.quirk ?? scenario.about}`, `  ours: ${quirk?.reason ?? '-'}`];
  for (const { where, expected, actual } of differences) {
    lines.push(`  ${where}`, `    Kafka Streams  ${expected}`, `    ours           ${actual}`);
  }
  return lines.join('\n');
}

export function closingLine(verdicts: readonly Verdict[]): string {
  const failed = verdicts.filter(({ verdict }) => verdict === 'failed').length;
  return `${verdicts.length - failed} passed, ${failed} failed`;
}
