import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Assignor, GroupAssignment } from '../../../../lib/client/KafkaClient.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../../lib/client/kafkajs/group/consumerProtocol.ts';
import { GroupMembership } from '../../../../lib/client/kafkajs/group/GroupMembership.ts';
import { Pauses } from '../../../../lib/client/kafkajs/group/Pauses.ts';
import { KafkaError } from '../../../../lib/errors.ts';
import { HandClock, ScriptedCoordinator } from './scripted.ts';

const none = new Uint8Array(0);
const tp = (partition: number) => ({ topic: 't', partition });

const assignor: Assignor = {
  name: 'spec',
  userData: () => new Uint8Array([1]),
  assign(members, counts) {
    const out = new Map<string, GroupAssignment>(
      members.map(({ memberId }) => [memberId, { partitions: [], userData: none }]),
    );
    const total = counts.get('t') ?? 0;
    for (let n = 0; n < total; n++) {
      const { memberId } = members[n % members.length] as { memberId: string };
      const before = out.get(memberId)?.partitions ?? [];
      out.set(memberId, { partitions: [...before, tp(n)], userData: new Uint8Array([n]) });
    }
    return out;
  },
};

const follower = (generation: number, memberId = 'm1') => ({
  error: 0,
  generation,
  protocol: 'spec',
  leader: 'other',
  skipAssignment: false,
  memberId,
  members: [],
});
const assigned = (...partitions: number[]) => ({
  error: 0,
  assignment: encodeAssignment({ partitions: partitions.map(tp), userData: new Uint8Array([9]) }),
});

let clock: HandClock;
let coordinator: ScriptedCoordinator;
let changes: number;
let member: GroupMembership;

beforeEach(() => {
  clock = new HandClock();
  coordinator = new ScriptedCoordinator().always('Heartbeat', () => ({ error: 0 }));
  changes = 0;
  member = new GroupMembership({
    groupId: 'g',
    instanceId: null,
    topics: ['t'],
    rack: null,
    assignor,
    sessionMs: 9_000,
    rebalanceMs: 60_000,
    heartbeatMs: 3_000,
    metadataCheckMs: 10_000,
    clock,
    pauses: new Pauses(clock, () => 0.5),
    port: coordinator,
    onChange: () => {
      changes += 1;
    },
  });
});

async function joinAsFollower(...partitions: number[]): Promise<void> {
  coordinator.once('JoinGroup', () => follower(1)).once('SyncGroup', () => assigned(...partitions));
  await member.join([]);
}

describe('GroupMembership', () => {
  it('takes the member id it is given and joins with it', async () => {
    coordinator
      .once('JoinGroup', () => ({ ...follower(-1, 'm7'), error: 79 }))
      .once('JoinGroup', () => follower(4, 'm7'))
      .once('SyncGroup', () => assigned(0, 2));
    const assignment = await member.join([]);
    expect(assignment).toEqual({ partitions: [tp(0), tp(2)], userData: new Uint8Array([9]) });
    expect(coordinator.of('JoinGroup').map(({ memberId }) => memberId)).toEqual(['', 'm7']);
    expect(coordinator.of('SyncGroup')[0]).toMatchObject({ generation: 4, assignments: [] });
    expect(member.identity).toEqual({ memberId: 'm7', generation: 4 });
    expect(member.state).toBe('stable');
  });

  it('decides as leader, and withholds what another still owns', async () => {
    coordinator.counts.set('t', 4);
    const says = (owned: number[]) =>
      encodeSubscription({
        topics: ['t'],
        userData: none,
        owned: owned.map(tp),
        generation: 3,
        rack: null,
      });
    coordinator
      .once('JoinGroup', () => ({
        ...follower(4, 'a'),
        leader: 'a',
        members: [
          { memberId: 'a', instanceId: null, metadata: says([]) },
          { memberId: 'b', instanceId: null, metadata: says([0, 1, 2, 3]) },
        ],
      }))
      .once('SyncGroup', () => assigned());
    await member.join([]);
    const { assignments } = coordinator.of('SyncGroup')[0] as {
      assignments: { memberId: string; assignment: Uint8Array }[];
    };
    const given = assignments.map(({ memberId, assignment }) => [
      memberId,
      decodeAssignment(assignment).partitions.map(({ partition }) => partition),
    ]);
    expect(given).toEqual([
      ['a', []],
      ['b', [1, 3]],
    ]);
  });

  it('says what it owns, and since which generation', async () => {
    await joinAsFollower(0, 1);
    member.requestRejoin();
    coordinator
      .once('JoinGroup', () => follower(2))
      .once('SyncGroup', () => ({ ...assigned(), error: 27 }))
      .once('JoinGroup', () => follower(3))
      .once('SyncGroup', () => assigned(0));
    await member.join([tp(0), tp(1)]);
    const said = coordinator.of('JoinGroup').map((request) => {
      const [{ metadata }] = request.protocols as [{ metadata: Uint8Array }];
      const { owned, generation } = decodeSubscription(metadata);
      return [owned.length, generation];
    });
    expect(said).toEqual([
      [0, -1],
      [2, 1],
      [2, 1],
    ]);
  });

  it('beats at its interval, and hears that a round is due', async () => {
    await joinAsFollower(0);
    await clock.advance(6_000);
    expect(coordinator.of('Heartbeat')).toHaveLength(2);
    coordinator.once('Heartbeat', () => ({ error: 27 }));
    await clock.advance(3_000);
    expect([member.state, changes]).toEqual(['unsettled', 1]);
    await clock.advance(6_000);
    expect(coordinator.of('Heartbeat')).toHaveLength(5);
  });

  it.each([
    ['ILLEGAL_GENERATION', 22, 'm1'],
    ['UNKNOWN_MEMBER_ID', 25, ''],
  ])('is outside when a heartbeat says %s, and keeps the stale identity', async (_, error, id) => {
    await joinAsFollower(0);
    coordinator.once('Heartbeat', () => ({ error }));
    await clock.advance(3_000);
    expect(member.state).toBe('outside');
    expect([member.takeLost(), member.takeLost()]).toEqual([true, false]);
    expect(member.identity).toEqual({ memberId: 'm1', generation: 1 });
    expect(clock.timers).toBe(0);
    coordinator.once('JoinGroup', () => follower(7, 'm2')).once('SyncGroup', () => assigned(0));
    await member.join([]);
    // Known by its id still, it takes its place again; else the group would wait for it.
    expect(coordinator.of('JoinGroup')[1]).toMatchObject({ memberId: id });
    expect(member.identity).toEqual({ memberId: 'm2', generation: 7 });
  });

  it('ends when another process has its instance id', async () => {
    await joinAsFollower(0);
    coordinator.once('Heartbeat', () => ({ error: 82 }));
    await clock.advance(3_000);
    expect([member.state, member.takeLost()]).toEqual(['failed', true]);
    expect(member.failure).toMatchObject({ code: 'FENCED', kafkaCode: 82 });
  });

  it('goes on beating over answers that do not come, sooner', async () => {
    await joinAsFollower(0);
    const unreachable = new KafkaError('BROKER_UNREACHABLE', 'gone', { retriable: true });
    coordinator.once('Heartbeat', () => Promise.reject(unreachable));
    coordinator.once('Heartbeat', () => ({ error: 16 }));
    await clock.advance(3_000);
    await clock.advance(1_000);
    expect(coordinator.of('Heartbeat')).toHaveLength(3);
    expect([member.state, clock.timers]).toEqual(['stable', 1]);
  });

  it('repeats a round over lost connections and moved coordinators', async () => {
    const unreachable = new KafkaError('BROKER_UNREACHABLE', 'gone', { retriable: true });
    coordinator
      .once('JoinGroup', () => Promise.reject(unreachable))
      .once('JoinGroup', () => ({ ...follower(-1, ''), error: 16 }))
      .once('JoinGroup', () => follower(1))
      .once('SyncGroup', () => ({ ...assigned(), error: 15 }))
      .once('JoinGroup', () => follower(2))
      .once('SyncGroup', () => assigned(1));
    const joined = member.join([]);
    await clock.advance(2_000);
    expect(await joined).toMatchObject({ partitions: [tp(1)] });
    expect(member.identity.generation).toBe(2);
  });

  it('gives up what no repetition cures, with the reason', async () => {
    coordinator.once('JoinGroup', () => ({ ...follower(-1, ''), error: 23 }));
    expect(await member.join([])).toBeNull();
    expect(member.failure?.message).toMatch(/INCONSISTENT_GROUP_PROTOCOL.*one assignor/);
    expect(member.state).toBe('failed');
  });

  it('asks for a round when a topic has grown, as leader only', async () => {
    coordinator.counts.set('t', 2);
    const metadata = encodeSubscription({
      topics: ['t'],
      userData: none,
      owned: [],
      generation: -1,
      rack: null,
    });
    coordinator
      .once('JoinGroup', () => ({
        ...follower(1, 'a'),
        leader: 'a',
        members: [{ memberId: 'a', instanceId: null, metadata }],
      }))
      .once('SyncGroup', () => assigned(0, 1));
    await member.join([]);
    await clock.advance(12_000);
    expect(member.state).toBe('stable');
    coordinator.counts.set('t', 3);
    await clock.advance(12_000);
    expect(member.state).toBe('unsettled');
  });

  it('beats on while its look at the topics has no answer', async () => {
    coordinator.counts.set('t', 1);
    const said = { topics: ['t'], userData: none, owned: [], generation: -1, rack: null };
    const members = [{ memberId: 'm1', instanceId: null, metadata: encodeSubscription(said) }];
    coordinator
      .once('JoinGroup', () => ({ ...follower(1), leader: 'm1', members }))
      .once('SyncGroup', () => assigned(0));
    await member.join([]);
    let looks = 0;
    const counts = new Promise<ReadonlyMap<string, number>>((resolve) => {
      clock.after(30_000, () => resolve(new Map([['t', 2]])));
    });
    coordinator.partitionCounts = () => {
      looks += 1;
      return counts;
    };
    await clock.advance(12_000);
    expect([looks, coordinator.of('Heartbeat').length]).toEqual([1, 4]);
    // Twice as long as a session.
    await clock.advance(17_999);
    expect([member.state, coordinator.of('Heartbeat').length]).toEqual(['stable', 9]);
    await clock.advance(1);
    expect(member.state).toBe('unsettled');
  });

  it('remembers a wish to rejoin that comes while it joins', async () => {
    coordinator
      .once('JoinGroup', () => {
        member.requestRejoin();
        return follower(1);
      })
      .once('SyncGroup', () => assigned(0));
    expect(await member.join([])).not.toBeNull();
    expect(member.state).toBe('unsettled');
  });

  it('leaves no timer, and ends a round under way', async () => {
    coordinator.always('JoinGroup', () => ({ ...follower(-1, ''), error: 15 }));
    const pauses = new Pauses(clock, () => 0.5);
    const joined = member.join([]);
    await clock.breathe();
    member.leave();
    pauses.end();
    await clock.advance(1_000);
    expect(await joined).toBeNull();
    expect(clock.timers).toBe(0);
  });
});
