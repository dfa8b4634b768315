import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SortedList } from '../../lib/state/SortedList.ts';

const compare = (a: number, b: number) => a - b;

function all(list: SortedList<number>, from: number | null, reverse: boolean): number[] {
  const cursor = list.cursor(from, reverse);
  const items: number[] = [];
  for (let item = cursor.next(); item !== undefined; item = cursor.next()) items.push(item);
  return items;
}

describe('SortedList', () => {
  it('equals a sorted set', () => {
    const change = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 600 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 900, size: 'max' }), (changes) => {
        const list = new SortedList(compare);
        const model = new Set<number>();
        for (const [isAdded, item] of changes) {
          if (!isAdded) expect(list.remove(item)).toBe(model.delete(item));
          else if (!model.has(item)) {
            list.add(item);
            model.add(item);
          }
        }
        const sorted = [...model].sort(compare);
        expect(list.size).toBe(sorted.length);
        expect([list.first(), list.last()]).toEqual([sorted[0], sorted.at(-1)]);
        expect(all(list, null, false)).toEqual(sorted);
        expect(all(list, 300, false)).toEqual(sorted.filter((item) => item >= 300));
        expect(all(list, 300, true)).toEqual(sorted.filter((item) => item <= 300).reverse());
        expect(list.find(300)).toBe(model.has(300) ? 300 : undefined);
        expect(all(SortedList.of([...model], compare), null, true)).toEqual(sorted.reverse());
      }),
      { numRuns: 50 },
    );
  });

  it('is walked once through whatever comes and goes', () => {
    const list = SortedList.of([2, 4, 6, 8], compare);
    const cursor = list.cursor(null, false);
    expect(cursor.next()).toBe(2);
    list.remove(2);
    list.remove(4);
    list.add(1);
    list.add(5);
    expect([cursor.next(), cursor.next(), cursor.next(), cursor.next()]).toEqual([
      5,
      6,
      8,
      undefined,
    ]);
  });

  it('takes a million items in any order', () => {
    const list = new SortedList(compare);
    const count = 1_000_000;
    for (let i = 0; i < count; i++) list.add((i * 7919) % count);
    expect(list.size).toBe(count);
    expect(list.find(count - 1)).toBe(count - 1);
  });
});
