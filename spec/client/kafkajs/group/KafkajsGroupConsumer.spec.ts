import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Fetched, PartitionReader } from '../../../../lib/client/KafkaClient.ts';
import { encodeAssignment } from '../../../../lib/client/kafkajs/group/consumerProtocol.ts';
import { KafkajsGroupConsumer } from '../../../../lib/client/kafkajs/group/KafkajsGroupConsumer.ts';
import { Pauses } from '../../../../lib/client/kafkajs/group/Pauses.ts';
import type { TopicPartition } from '../../../../lib/model/topicPartition.ts';
import { HandClock, ScriptedCoordinator } from './scripted.ts';

const tp = (partition: number) => ({ topic: 't', partition });
const numbers = (tps: readonly TopicPartition[]) => tps.map(({ partition }) => partition).join(' ');

/** Remembers positions; each poll brings what each unpaused partition has at its position. */
class FakeReader implements PartitionReader {
  readonly at = new Map<number, number>();
  readonly paused = new Set<number>();
  closed = false;

  assign(positions: readonly (TopicPartition & { readonly offset: number })[]): void {
    this.at.clear();
    this.paused.clear();
    for (const { partition, offset } of positions) this.at.set(partition, offset);
  }
  seek({ partition }: TopicPartition, offset: number): void {
    this.at.set(partition, offset);
  }
  position({ partition }: TopicPartition): number {
    return this.at.get(partition) as number;
  }
  pause(tps: readonly TopicPartition[]): void {
    for (const { partition } of tps) this.paused.add(partition);
  }
  resume(tps: readonly TopicPartition[]): void {
    for (const { partition } of tps) this.paused.delete(partition);
  }
  async poll(): Promise<readonly Fetched[]> {
    const open = [...this.at].filter(([partition]) => !this.paused.has(partition));
    return open.map(([partition, nextOffset]) => ({
      ...tp(partition),
      records: [],
      nextOffset,
      highWatermark: nextOffset,
      lastStableOffset: nextOffset,
      logStartOffset: 0,
    }));
  }
  wakeup(): void {}
  async close(): Promise<void> {
    this.closed = true;
  }
}

let clock: HandClock;
let coordinator: ScriptedCoordinator;
let reader: FakeReader;
let log: string[];
let onRejoin: () => Promise<void>;
let onAssigned: () => Promise<void>;

beforeEach(() => {
  clock = new HandClock();
  coordinator = new ScriptedCoordinator()
    .always('Heartbeat', () => ({ error: 0 }))
    .always('OffsetCommit', () => ({ error: 0, topic: '', partition: -1 }))
    .always('LeaveGroup', () => ({ error: 0, memberErrors: [0] }));
  reader = new FakeReader();
  log = [];
  onRejoin = async () => {};
  onAssigned = async () => {};
});

function consumer(instanceId?: string): KafkajsGroupConsumer {
  return new KafkajsGroupConsumer({
    options: {
      groupId: 'g',
      topics: ['t'],
      isolation: 'read-committed',
      assignor: { name: 'spec', userData: () => new Uint8Array(0), assign: () => new Map() },
      sessionMs: 9_000,
      ...(instanceId === undefined ? {} : { instanceId }),
      onRejoin: async () => {
        log.push('rejoin');
        await onRejoin();
      },
      onAssigned: async ({ added, revoked }) => {
        log.push(`+[${numbers(added)}] -[${numbers(revoked)}]`);
        await onAssigned();
      },
      onLost: async () => {
        log.push('lost');
      },
    },
    reader,
    coordinator,
    clock,
    pauses: new Pauses(clock, () => 0.5),
  });
}

let generation = 0;
function round(...partitions: number[]): void {
  coordinator
    .once('JoinGroup', () => {
      log.push('JoinGroup');
      generation += 1;
      return {
        error: 0,
        generation,
        protocol: 'spec',
        leader: 'other',
        skipAssignment: false,
        memberId: 'm1',
        members: [],
      };
    })
    .once('SyncGroup', () => {
      log.push('SyncGroup');
      return {
        error: 0,
        assignment: encodeAssignment({
          partitions: partitions.map(tp),
          userData: new Uint8Array(0),
        }),
      };
    });
}

async function poll(member: KafkajsGroupConsumer, waitMs = 100): Promise<readonly Fetched[]> {
  const polled = member.poll(waitMs);
  polled.catch(() => {});
  await clock.advance(waitMs);
  return polled;
}

describe('KafkajsGroupConsumer', () => {
  it('joins on the first poll, and fetches what got a position', async () => {
    const member = consumer();
    expect(coordinator.sent).toEqual([]);
    round(0, 1);
    expect(await poll(member)).toEqual([]);
    expect(log).toEqual(['rejoin', 'JoinGroup', 'SyncGroup', '+[0 1] -[]']);
    member.seek(tp(1), 40);
    expect((await poll(member)).map(({ partition }) => partition)).toEqual([1]);
    expect(() => member.position(tp(0))).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
    expect(member.position(tp(1))).toBe(40);
    await member.close();
  });

  it('keeps positions and pauses over a change, and rejoins at once after giving up', async () => {
    const member = consumer();
    round(0, 1, 2);
    await poll(member);
    for (const partition of [0, 1, 2]) member.seek(tp(partition), 10 * partition);
    member.pause([tp(1)]);
    log.length = 0;
    round(0, 1);
    round(0, 1);
    member.requestRejoin();
    await poll(member);
    await poll(member);
    await poll(member);
    const oneRound = ['rejoin', 'JoinGroup', 'SyncGroup'];
    expect(log).toEqual([...oneRound, '+[] -[2]', ...oneRound, '+[] -[]']);
    expect([...reader.at]).toEqual([
      [0, 0],
      [1, 10],
    ]);
    expect([...reader.paused]).toEqual([1]);
    await member.close();
  });

  it('reads what it keeps while a round is under way', async () => {
    const member = consumer();
    round(0);
    await poll(member);
    member.seek(tp(0), 5);
    let answer = (): void => {};
    coordinator.once(
      'JoinGroup',
      () =>
        new Promise<{ error: number; memberId?: string }>((resolve) => {
          answer = () => resolve({ error: 25 });
        }),
    );
    member.requestRejoin();
    await poll(member);
    expect(member.isRejoining).toBe(true);
    expect(await poll(member)).toHaveLength(1);
    round(0);
    answer();
    await poll(member);
    await poll(member);
    expect(log.slice(-5)).toEqual(['lost', 'rejoin', 'JoinGroup', 'SyncGroup', '+[0] -[]']);
    expect(reader.at.size).toBe(0);
    await member.close();
  });

  it('sends no commit from onRejoin to the answer of SyncGroup', async () => {
    const member = consumer();
    round(0);
    await poll(member);
    member.seek(tp(0), 0);
    const first = generation;
    onRejoin = () => member.commit([{ ...tp(0), offset: 7, metadata: 'in time' }]);
    let answer = (): void => {};
    coordinator.once(
      'JoinGroup',
      () =>
        new Promise<{ error: number; memberId?: string }>((resolve) => {
          answer = () => resolve({ error: 27, memberId: 'm1' });
        }),
    );
    member.requestRejoin();
    await poll(member);
    expect(coordinator.of('OffsetCommit')).toMatchObject([
      { generation: first, memberId: 'm1', offsets: [{ offset: 7, metadata: 'in time' }] },
    ]);
    const late = member.commit([{ ...tp(0), offset: 8 }]);
    await poll(member);
    expect(coordinator.of('OffsetCommit')).toHaveLength(1);
    round(0);
    answer();
    await poll(member);
    await late;
    expect(coordinator.names().slice(-3)).toEqual(['JoinGroup', 'SyncGroup', 'OffsetCommit']);
    expect(coordinator.of('OffsetCommit')[1]).toMatchObject({ generation });
    await member.close();
  });

  it('rejects a commit of a generation that is over, and tells', async () => {
    const member = consumer();
    round(0);
    await poll(member);
    coordinator.once('OffsetCommit', () => ({ error: 22, topic: 't', partition: 0 }));
    await expect(member.commit([{ ...tp(0), offset: 1 }])).rejects.toMatchObject({
      code: 'GROUP_GENERATION_LOST',
      abortable: true,
    });
    await expect(member.commit([{ ...tp(0), offset: 1 }])).rejects.toMatchObject({
      code: 'GROUP_GENERATION_LOST',
    });
    expect(coordinator.of('OffsetCommit')).toHaveLength(1);
    expect(member.groupMetadata()).toMatchObject({ memberId: 'm1', generation });
    round(0);
    await poll(member);
    expect(log.slice(-5)).toEqual(['lost', 'rejoin', 'JoinGroup', 'SyncGroup', '+[0] -[]']);
    await member.close();
  });

  it('commits in order, over a coordinator that moves', async () => {
    const member = consumer();
    round(0);
    await poll(member);
    coordinator.once('OffsetCommit', () => ({ error: 16, topic: 't', partition: 0 }));
    const both = [1, 2].map((offset) => member.commit([{ ...tp(0), offset }]));
    await clock.advance(1_000);
    await Promise.all(both);
    const offsets = coordinator
      .of('OffsetCommit')
      .map(({ offsets: o }) => (o as [{ offset: number }])[0].offset);
    expect(offsets).toEqual([1, 1, 2]);
    await member.close();
  });

  it('beats while onAssigned restores', async () => {
    const member = consumer();
    round(0);
    onAssigned = () => new Promise((resolve) => void clock.after(30_000, resolve));
    const polled = member.poll(100);
    await clock.advance(29_000);
    expect(coordinator.of('Heartbeat').length).toBe(9);
    await clock.advance(2_000);
    await polled;
    await member.close();
  });

  it('waits for open transactions when asked for stable offsets', async () => {
    const member = consumer();
    const row = { ...tp(0), offset: 3, metadata: 'm', error: 0 };
    coordinator
      .once('OffsetFetch', () => ({ error: 88, partitions: [{ ...row, offset: -1, error: 88 }] }))
      .once('OffsetFetch', () => ({
        error: 0,
        partitions: [row, { ...row, partition: 1, offset: -1 }],
      }));
    const committed = member.committed([tp(0), tp(1)], { requireStable: true });
    await clock.advance(200);
    expect([...(await committed)]).toEqual([['t-0', { ...tp(0), offset: 3, metadata: 'm' }]]);
    expect(coordinator.of('OffsetFetch')[0]).toMatchObject({ requireStable: true });
    await member.close();
  });

  it('leaves on close, and leaves no timer; a static member remains', async () => {
    for (const [instanceId, remain, leaves] of [
      [undefined, undefined, 1],
      [undefined, true, 0],
      ['i1', undefined, 0],
      ['i1', false, 1],
    ] as const) {
      const member = consumer(instanceId);
      round(0);
      await poll(member);
      const before = coordinator.of('LeaveGroup').length;
      await member.close(remain === undefined ? {} : { remain });
      expect(coordinator.of('LeaveGroup').length - before).toBe(leaves);
      expect([clock.timers, reader.closed, coordinator.closed]).toEqual([0, true, true]);
      await expect(member.poll(0)).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
      await expect(member.commit([])).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
    }
  });

  it('ends a poll under way when it is closed', async () => {
    const member = consumer();
    coordinator.once('JoinGroup', () => new Promise(() => {}));
    const polled = member.poll(60_000);
    await clock.breathe();
    await member.close();
    expect(await polled).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('takes one poll at a time', async () => {
    const member = consumer();
    round(0);
    const polled = member.poll(10);
    await expect(member.poll(10)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await clock.advance(10);
    await polled;
    await member.close();
  });
});
