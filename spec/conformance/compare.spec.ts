import { describe, expect, it } from '@jest/globals';
import { compare } from './compare.ts';
import type { OutputRow, Result } from './Scenario.ts';

const row = (o: Partial<OutputRow> = {}): OutputRow => ({
  at: 0,
  key: 'a',
  value: { x: 1, y: 2 },
  ts: 5,
  ...o,
});
const result = (...out: readonly OutputRow[]): Result => ({ outputs: { out } });

describe('compare', () => {
  it('finds no difference in the same, whatever the order of fields', () => {
    expect(compare(result(row({ value: { y: 2, x: 1 } })), result(row()))).toEqual([]);
  });

  it.each<[string, Partial<OutputRow>]>([
    ['the causing input', { at: 1 }],
    ['the key', { key: 'b' }],
    ['a null key', { key: null }],
    ['a windowed key', { key: { key: 'a', start: 0, end: 10 } }],
    ['the value', { value: { x: 1 } }],
    ['a deletion', { value: null }],
    ['the timestamp', { ts: 6 }],
    ['headers', { headers: [['h', '1']] }],
  ])('finds %s', (_, other) => {
    const [difference] = compare(result(row(other)), result(row()));
    expect(difference?.where).toBe('outputs.out');
    expect(difference?.expected).toContain(JSON.stringify(row()));
    expect(difference?.actual).toContain(JSON.stringify(row(other)));
  });

  it('finds what is missing, and what is too much', () => {
    expect(compare(result(), result(row()))).toHaveLength(1);
    expect(compare(result(row(), row()), result(row()))).toHaveLength(1);
  });

  it('takes what the other stores of Kafka Streams do', () => {
    const golden = { ...result(row()), inMemory: { outputs: { out: [row({ ts: 9 })] } } };
    expect(compare(result(row({ ts: 9 })), golden)).toEqual([]);
    expect(compare(result(row({ ts: 8 })), golden)).toHaveLength(1);
  });

  it('compares at which input it fails, not what is said', () => {
    const failed = (error: string): Result => ({ ...result(), error });
    expect(compare(failed('3 ours'), failed('3 theirs'))).toEqual([]);
    expect(compare(failed('2 ours'), failed('3 theirs'))).toHaveLength(1);
    expect(compare(result(), failed('3 theirs'))).toHaveLength(1);
  });
});
