import { describe, expect, it } from '@jest/globals';
import * as kinds from '../../../../lib/client/kafkajs/group/groupRequests.ts';
import { ProtocolReader } from '../../../../lib/client/kafkajs/protocol/Reader.ts';
import { ProtocolWriter } from '../../../../lib/client/kafkajs/protocol/Writer.ts';
import { decodeListGroups } from '../../../../lib/client/kafkajs/requests/listGroups.ts';

/** Hex with spaces; `'text'` stands for its characters. */
function bytes(text: string): Buffer {
  const plain = text.replace(/'([^']*)'/g, (_, chars: string) =>
    Buffer.from(chars).toString('hex'),
  );
  return Buffer.from(plain.replace(/\s/g, ''), 'hex');
}

function version<Q, R>(kind: kinds.RequestKind<Q, R>, number: number): kinds.RequestVersion<Q, R> {
  return kind.versions.find((one) => one.version === number) as kinds.RequestVersion<Q, R>;
}

function written<Q, R>(kind: kinds.RequestKind<Q, R>, number: number, request: Q): string {
  const writer = new ProtocolWriter();
  version(kind, number).encode(writer, request);
  return writer.bytes().toString('hex');
}

function read<Q, R>(kind: kinds.RequestKind<Q, R>, number: number, text: string): R {
  const reader = new ProtocolReader(bytes(text));
  const answer = version(kind, number).decode(reader);
  expect(reader.remaining).toBe(0);
  return answer;
}

const join = {
  groupId: 'g',
  sessionMs: 10_000,
  rebalanceMs: 60_000,
  memberId: '',
  instanceId: null,
  protocolType: 'consumer',
  protocols: [{ name: 'p', metadata: new Uint8Array([1, 2]) }],
};
const joined = {
  error: 0,
  generation: 3,
  protocol: 'p',
  leader: 'm',
  memberId: 'm',
  members: [{ memberId: 'm', instanceId: 'i', metadata: Buffer.from([7]) }],
};
const member = { groupId: 'g', generation: 3, memberId: 'm', instanceId: 'i' };

describe('requests to a group coordinator', () => {
  it('JoinGroup 5', () => {
    expect(written(kinds.joinGroup, 5, join)).toBe(
      bytes(
        "0001'g' 00002710 0000ea60 0000 ffff 0008'consumer' 00000001 0001'p' 00000002 0102",
      ).toString('hex'),
    );
    const answer =
      "00000000 0000 00000003 0001'p' 0001'm' 0001'm' 00000001 0001'm' 0001'i' 00000001 07";
    expect(read(kinds.joinGroup, 5, answer)).toEqual({ ...joined, skipAssignment: false });
  });

  it('JoinGroup 9', () => {
    expect(written(kinds.joinGroup, 9, { ...join, instanceId: 'i' })).toBe(
      bytes("02'g' 00002710 0000ea60 01 02'i' 09'consumer' 02 02'p' 03 0102 00 00 00").toString(
        'hex',
      ),
    );
    const answer =
      "00000000 0000 00000003 09'consumer' 02'p' 02'm' 01 02'm' 02 02'm' 02'i' 02 07 00 00";
    expect(read(kinds.joinGroup, 9, answer)).toEqual({ ...joined, skipAssignment: true });
    const refused = "00000000 004f ffffffff 00 00 01 00 02'n' 01 00";
    expect(read(kinds.joinGroup, 9, refused)).toMatchObject({
      error: 79,
      memberId: 'n',
      members: [],
    });
  });

  it('SyncGroup 3', () => {
    const assignments = [{ memberId: 'm', assignment: new Uint8Array([9]) }];
    expect(written(kinds.syncGroup, 3, { ...member, assignments })).toBe(
      bytes("0001'g' 00000003 0001'm' 0001'i' 00000001 0001'm' 00000001 09").toString('hex'),
    );
    expect(read(kinds.syncGroup, 3, '00000000 001b 00000001 09')).toEqual({
      error: 27,
      assignment: Buffer.from([9]),
    });
  });

  it('Heartbeat 3', () => {
    expect(written(kinds.heartbeat, 3, member)).toBe(
      bytes("0001'g' 00000003 0001'm' 0001'i'").toString('hex'),
    );
    expect(read(kinds.heartbeat, 3, '00000000 0016')).toEqual({ error: 22 });
  });

  it('LeaveGroup 3', () => {
    const members = [{ memberId: 'm', instanceId: null }];
    expect(written(kinds.leaveGroup, 3, { groupId: 'g', members })).toBe(
      bytes("0001'g' 00000001 0001'm' ffff").toString('hex'),
    );
    expect(read(kinds.leaveGroup, 3, "00000000 0000 00000001 0001'm' ffff 0019")).toEqual({
      error: 0,
      memberErrors: [25],
    });
  });

  it('OffsetCommit 7', () => {
    const offsets = [
      { topic: 'a', partition: 0, offset: 5, metadata: 'x' },
      { topic: 'b', partition: 2, offset: 2 ** 33 },
      { topic: 'a', partition: 1, offset: 6 },
    ];
    expect(written(kinds.offsetCommit, 7, { ...member, offsets })).toBe(
      bytes(
        "0001'g' 00000003 0001'm' 0001'i' 00000002" +
          "0001'a' 00000002 00000000 0000000000000005 ffffffff 0001'x'" +
          '00000001 0000000000000006 ffffffff 0000' +
          "0001'b' 00000001 00000002 0000000200000000 ffffffff 0000",
      ).toString('hex'),
    );
    const answer =
      "00000000 00000002 0001'a' 00000002 00000000 0000 00000001 000e" +
      "0001'b' 00000001 00000002 0019";
    expect(read(kinds.offsetCommit, 7, answer)).toEqual({ error: 14, topic: 'a', partition: 1 });
  });

  it('OffsetFetch 7', () => {
    const partitions = [{ topic: 'a', partition: 3 }];
    expect(written(kinds.offsetFetch, 7, { groupId: 'g', partitions, requireStable: true })).toBe(
      bytes("02'g' 02 02'a' 02 00000003 00 01 00").toString('hex'),
    );
    expect(
      written(kinds.offsetFetch, 7, { groupId: 'g', partitions: null, requireStable: false }),
    ).toBe(bytes("02'g' 00 00 00").toString('hex'));
    const row = '00000003 ffffffffffffffff ffffffff 00 0058 00';
    expect(read(kinds.offsetFetch, 7, `00000000 02 02'a' 02 ${row} 00 0000 00`)).toEqual({
      error: 88,
      partitions: [{ topic: 'a', partition: 3, offset: -1, metadata: '', error: 88 }],
    });
  });

  it('DescribeGroups 4, DeleteGroups 1, ListGroups 2', () => {
    expect(written(kinds.describeGroups, 4, { groupIds: ['g'] })).toBe(
      bytes("00000001 0001'g' 00").toString('hex'),
    );
    const described =
      "00000000 00000001 0000 0001'g' 0006'Stable' 0008'consumer' 0001'p' 00000001" +
      "0001'm' ffff 0001'c' 0001'h' 00000000 00000001 05 80000000";
    expect(read(kinds.describeGroups, 4, described).groups).toEqual([
      {
        error: 0,
        groupId: 'g',
        state: 'Stable',
        protocol: 'p',
        members: [{ memberId: 'm', instanceId: null, clientId: 'c', assignment: Buffer.from([5]) }],
      },
    ]);
    expect(written(kinds.deleteGroups, 1, { groupIds: ['g', 'h'] })).toBe(
      bytes("00000002 0001'g' 0001'h'").toString('hex'),
    );
    expect(read(kinds.deleteGroups, 1, "00000000 00000002 0001'g' 0000 0001'h' 0044")).toEqual({
      error: 68,
    });
    const listed = bytes("00000000 0000 00000001 0001'g' 0008'consumer'");
    expect(decodeListGroups(new ProtocolReader(listed))).toEqual({
      error: 0,
      groups: [{ groupId: 'g', protocolType: 'consumer' }],
    });
  });
});
