import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assignTasks, type TaskId, type TaskMember } from '../../lib/runtime/assignTasks.ts';

const tasks = (subs: readonly number[]): TaskId[] =>
  subs.flatMap((count, sub) =>
    Array.from({ length: count }, (_, p) => ({ id: `${sub}_${p}`, subTopology: sub })),
  );
const fresh = (...ids: string[]): TaskMember[] => ids.map((id) => ({ id, running: [], kept: [] }));
const having = (
  before: ReadonlyMap<string, readonly string[]>,
  ids: readonly string[],
): TaskMember[] => ids.map((id) => ({ id, running: before.get(id) ?? [], kept: [] }));
const sizes = (given: ReadonlyMap<string, readonly string[]>): number[] =>
  [...given.values()].map((t) => t.length);

const groups = fc.record({
  subs: fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 4 }),
  members: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 6,
  }),
  seed: fc.nat(),
});

/** Who ran or kept what before: any member, by chance, also tasks that are no more. */
function remembered(ids: readonly string[], all: readonly TaskId[], seed: number): TaskMember[] {
  const members = ids.map((id) => ({ id, running: [] as string[], kept: [] as string[] }));
  all.forEach(({ id }, i) => {
    const hash = Math.imul(seed + i, 0x9e3779b1) >>> 0;
    if (hash % 3 === 0) members[hash % members.length]?.running.push(id);
    if (hash % 5 < 2) members[(hash >>> 8) % members.length]?.kept.push(id);
  });
  members[0]?.kept.push('9_9');
  return members;
}

describe('assignTasks', () => {
  it('gives each task to one member, and to all about equally many', () => {
    fc.assert(
      fc.property(groups, ({ subs, members, seed }) => {
        const all = tasks(subs);
        const given = assignTasks(remembered(members, all, seed), all);
        expect([...given.values()].flat().sort()).toEqual(all.map(({ id }) => id).sort());
        expect(Math.max(...sizes(given)) - Math.min(...sizes(given))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('changes nothing when nothing has changed, in whatever order members are told', () => {
    fc.assert(
      fc.property(groups, ({ subs, members }) => {
        const all = tasks(subs);
        const given = assignTasks(fresh(...members), all);
        expect(assignTasks(having(given, [...members].reverse()), all)).toEqual(given);
      }),
    );
  });

  it('moves no more than it must when a member comes or goes', () => {
    fc.assert(
      fc.property(groups, ({ subs, members }) => {
        const all = tasks(subs);
        const before = assignTasks(fresh(...members), all);
        const ids = [...members, 'newcomer'];
        const joined = assignTasks(having(before, ids), all);
        const moved = members.flatMap((id) =>
          (before.get(id) ?? []).filter((t) => !joined.get(id)?.includes(t)),
        );
        expect(moved.length).toBe(joined.get('newcomer')?.length);
        const left = assignTasks(having(joined, members), all);
        for (const id of members)
          expect(left.get(id)).toEqual(expect.arrayContaining([...(joined.get(id) ?? [])]));
      }),
    );
  });

  it('spreads the tasks of each sub-topology', () => {
    const given = assignTasks(fresh('a', 'b'), tasks([4, 4]));
    for (const ids of given.values()) {
      expect(ids.filter((id) => id.startsWith('0_'))).toHaveLength(2);
      expect(ids.filter((id) => id.startsWith('1_'))).toHaveLength(2);
    }
  });

  it('spreads them also when a second member comes to one that runs all', () => {
    const all = tasks([4, 4]);
    const running = all.map(({ id }) => id);
    const members = [...fresh('a'), { id: 'b', running, kept: running }];
    for (const ids of assignTasks(members, all).values()) {
      expect(ids.filter((id) => id.startsWith('0_'))).toHaveLength(2);
      expect(ids.filter((id) => id.startsWith('1_'))).toHaveLength(2);
    }
  });

  it('sends a task where its state is', () => {
    const members = [
      { id: 'a', running: [], kept: ['0_1'] },
      { id: 'b', running: [], kept: ['0_0'] },
    ];
    expect(assignTasks(members, tasks([2]))).toEqual(
      new Map([
        ['a', ['0_1']],
        ['b', ['0_0']],
      ]),
    );
  });

  it('gives nothing to nobody', () => {
    expect(assignTasks([], tasks([2]))).toEqual(new Map());
    expect(assignTasks(fresh('a'), [])).toEqual(new Map([['a', []]]));
  });
});
