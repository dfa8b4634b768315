import { expect, it } from '@jest/globals';
import { type Observable, type OperatorFunction, Subject } from 'rxjs';
import type { AnyRecord } from '../../lib/model/record.ts';
import { record } from '../../lib/testing/record.ts';

type Piece = OperatorFunction<never, unknown>;

export interface CellsOptions {
  /** Shows the row before each change too, as `1→2`. */
  readonly previous?: boolean;
}

/**
 * A picture of cells, two spaces or more between them: under each record that comes in stands what
 * comes out because of it, `-` where that is nothing. A record is `key value @ time`: `a5@1`,
 * `a~@2` (null), `_5@3` (null key), `a"x"@4`; windowed keys are `a[0,10]5@1`.
 */
export function cells(
  operator: unknown,
  input: string,
  expected: string,
  o: CellsOptions = {},
): void {
  const source = new Subject<AnyRecord>();
  const out: string[][] = [];
  const results = source.pipe(operator as Piece as never) as Observable<AnyRecord>;
  let failure: unknown;
  results.subscribe({
    next: (result) => out.at(-1)?.push(token(result, o)),
    error: (error: unknown) => {
      failure = error;
      out.at(-1)?.push('#');
    },
  });
  const records = columns(input);
  for (const text of records) {
    out.push([]);
    source.next(parse(text));
  }
  const actual = out.map((tokens) => (tokens.length === 0 ? '-' : tokens.join(' ')));
  if (failure !== undefined && !expected.includes('#')) throw failure;
  const rows = [records, columns(expected), actual];
  const widths = records.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    widths.map((width, i) => (row[i] ?? '').padEnd(width)).join('  ');
  expect(line(actual)).toBe(line(columns(expected)));
}

/** Two who subscribe to one cold piece: each has state of its own, and both see the same. */
export function itServesTwo(make: () => unknown, input: string): void {
  it('two consumers see the same', () => {
    const source = new Subject<AnyRecord>();
    const results = source.pipe(make() as Piece as never) as Observable<AnyRecord>;
    const first: string[] = [];
    const second: string[] = [];
    results.subscribe((result) => first.push(token(result, {})));
    results.subscribe((result) => second.push(token(result, {})));
    for (const text of columns(input)) source.next(parse(text));
    expect(first.length).toBeGreaterThan(0);
    expect(second).toEqual(first);
  });
}

function columns(text: string): string[] {
  return text.trim().split(/\s{2,}/);
}

/** A record of the picture. */
export function parse(text: string): AnyRecord {
  const [, key, value, time] = /^(_|[a-z]+)(.+)@(\d+)$/.exec(text) ?? [];
  if (value === undefined) throw new Error(`No record: ${text}`);
  return record(
    key === '_' ? null : key,
    value === '~' ? null : (JSON.parse(value) as unknown),
    Number(time),
  ) as unknown as AnyRecord;
}

/** A result as the picture shows it. */
export function token(
  { key, value, previous, timestamp }: AnyRecord,
  o: CellsOptions = {},
): string {
  const before = o.previous === true ? `${valueText(previous)}→` : '';
  return `${keyText(key)}${before}${valueText(value)}@${timestamp}`;
}

function keyText(key: unknown): string {
  if (key === null) return '_';
  if (typeof key !== 'object') return String(key);
  const { key: inner, start, end } = key as { key: string; start: number; end: number };
  return `${inner}[${start},${end === Number.MAX_SAFE_INTEGER ? '∞' : end}]`;
}

function valueText(value: unknown): string {
  return value === null || value === undefined ? '~' : JSON.stringify(value);
}
