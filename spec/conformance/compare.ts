import type { Golden, OutputRow, PeekRow, Result, StoreRow } from './Scenario.ts';
import { type Json, sameJson } from './values.ts';

/** One thing that came out otherwise, on two lines: expected, actual. */
export interface Difference {
  readonly where: string;
  readonly expected: string;
  readonly actual: string;
}

type Row = OutputRow | PeekRow | StoreRow;
const fields = ['outputs', 'peeks', 'stores'] as const;

/**
 * How a result differs from what Kafka Streams did, with its stores on disk or, field by field, in
 * memory.
 */
export function compare(actual: Result, golden: Golden): readonly Difference[] {
  const differences: Difference[] = [];
  if (hasFailed(golden) !== hasFailed(actual)) {
    differences.push({
      where: 'error',
      expected: golden.error ?? '-',
      actual: actual.error ?? '-',
    });
  }
  for (const field of fields) {
    // A store after a failure is nobody's result.
    if (field === 'stores' && golden.error !== undefined) continue;
    const found = compareLists(field, golden[field] ?? {}, actual[field] ?? {});
    const alternative = golden.inMemory?.[field];
    if (found.length === 0 || alternative === undefined) {
      differences.push(...found);
      continue;
    }
    const merged = { ...golden[field], ...alternative };
    if (compareLists(field, merged, actual[field] ?? {}).length > 0) differences.push(...found);
  }
  return differences;
}

/** At which input: what is thrown there is not compared. */
function hasFailed({ error }: Result): string | null {
  return error === undefined ? null : (error.split(' ')[0] ?? null);
}

type Lists = { readonly [name: string]: readonly Row[] };

function compareLists(field: string, expected: Lists, actual: Lists): Difference[] {
  const differences: Difference[] = [];
  for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const difference = compareRows(expected[name] ?? [], actual[name] ?? []);
    if (difference !== null) differences.push({ where: `${field}.${name}`, ...difference });
  }
  return differences;
}

/** Rows before and after the first that differ. */
const shownRows = 3;

function compareRows(
  expected: readonly Row[],
  actual: readonly Row[],
): Omit<Difference, 'where'> | null {
  let first = 0;
  const most = Math.max(expected.length, actual.length);
  while (first < most && sameRow(expected[first], actual[first])) first += 1;
  if (first === most) return null;
  return { expected: shown(expected, first), actual: shown(actual, first) };
}

function sameRow(a: Row | undefined, b: Row | undefined): boolean {
  return a !== undefined && b !== undefined && sameJson(a as unknown as Json, b as unknown as Json);
}

function shown(rows: readonly Row[], first: number): string {
  const part = rows.slice(first, first + shownRows).map((row) => JSON.stringify(row));
  const more = rows.length > first + shownRows ? ' ...' : '';
  return `[${first} of ${rows.length}] ${part.join(' ')}${more}`;
}
