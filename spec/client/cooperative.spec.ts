import { describe, expect, it } from '@jest/globals';
import { withholdClaimed } from '../../lib/client/cooperative.ts';

const userData = new Uint8Array();
const tp = (partition: number) => ({ topic: 't', partition });

/** `a:0,1 b:2` as assignments or claims. */
function parse(cells: string): [string, number[]][] {
  return cells.split(' ').map((cell) => {
    const [name = '', partitions = ''] = cell.split(':');
    return [name, partitions === '' ? [] : partitions.split(',').map(Number)];
  });
}

function withheld(assigned: string, claimed: string, generations: Record<string, number> = {}) {
  const assignments = new Map(
    parse(assigned).map(([name, of]) => [name, { partitions: of.map(tp), userData }]),
  );
  const claims = parse(claimed).map(([memberId, of]) => {
    return { memberId, owned: of.map(tp), generation: generations[memberId] ?? 1 };
  });
  return [...withholdClaimed(assignments, claims)]
    .map(([name, { partitions }]) => `${name}:${partitions.map((of) => of.partition).join()}`)
    .join(' ');
}

describe('withholdClaimed', () => {
  it('keeps back what another still claims', () => {
    expect(withheld('a:0 b:1', 'a:0,1 b:')).toBe('a:0 b:');
  });

  it('hands out what nobody claims, and to each what it has', () => {
    expect(withheld('a:0,2 b:1,3', 'a:0 b:1')).toBe('a:0,2 b:1,3');
  });

  it('believes the later of two claims', () => {
    expect(withheld('a:0 b:', 'a:0 b:0', { a: 2, b: 1 })).toBe('a:0 b:');
    expect(withheld('a:0 b:', 'a:0 b:0', { a: 1, b: 2 })).toBe('a: b:');
  });
});
