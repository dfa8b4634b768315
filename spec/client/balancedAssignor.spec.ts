import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { balancedAssignor } from '../../lib/client/balancedAssignor.ts';
import type { GroupMember } from '../../lib/client/KafkaClient.ts';
import { partitionKey, type TopicPartition } from '../../lib/model/topicPartition.ts';

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const nothing = new Uint8Array(0);

function assign(members: readonly GroupMember[], partitions: number) {
  return balancedAssignor.assign(members, new Map([['t', partitions]]));
}

function member(memberId: string, owned: readonly TopicPartition[] = []): GroupMember {
  return { memberId, instanceId: null, topics: ['t'], owned, userData: nothing };
}

/** The same members after a round: they own what they were given. */
function settled(members: readonly GroupMember[], partitions: number): GroupMember[] {
  const given = assign(members, partitions);
  return members.map(({ memberId }) => member(memberId, given.get(memberId)?.partitions));
}

describe('balancedAssignor', () => {
  it(`gives each partition to one member, evenly, and moves few (seed ${seed})`, () => {
    fc.assert(
      fc.property(
        fc.nat(30),
        fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 8 }),
        fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 8 }),
        (partitions, before, after) => {
          const first = settled(
            before.map((n) => member(`m${n}`)),
            partitions,
          );
          const members = after.map(
            (n) => first.find(({ memberId }) => memberId === `m${n}`) ?? member(`m${n}`),
          );
          const given = assign(members, partitions);
          const all = [...given.values()].flatMap((one) => one.partitions.map(partitionKey));
          expect(new Set(all).size).toBe(partitions);
          expect(all.length).toBe(partitions);
          const sizes = [...given.values()].map((one) => one.partitions.length);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          for (const { memberId, owned } of members) {
            const now = new Set(given.get(memberId)?.partitions.map(partitionKey));
            const kept = owned.filter((tp) => now.has(partitionKey(tp))).length;
            expect(kept).toBeGreaterThanOrEqual(
              Math.min(owned.length, Math.floor(partitions / members.length)),
            );
          }
        },
      ),
      { seed },
    );
  });

  it('gives a topic only to those who read it', () => {
    const members = [member('a'), { ...member('b'), topics: ['u'] }];
    const given = balancedAssignor.assign(
      members,
      new Map([
        ['t', 2],
        ['u', 1],
      ]),
    );
    expect([...given].map(([id, { partitions }]) => [id, partitions.map(partitionKey)])).toEqual([
      ['a', ['t-0', 't-1']],
      ['b', ['u-0']],
    ]);
  });
});
