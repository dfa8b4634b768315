import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../../lib/client/kafkajs/group/consumerProtocol.ts';
import type { TopicPartition } from '../../../../lib/model/topicPartition.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const topic = fc.string({ minLength: 1, maxLength: 8 });
const partitions = fc.uniqueArray(fc.record({ topic, partition: fc.nat(50) }), {
  selector: (tp) => `${tp.topic}-${tp.partition}`,
});
const userData = fc.uint8Array({ maxLength: 20 });

/** The form groups partitions by topic, so it keeps their order only within a topic. */
const sorted = (tps: readonly TopicPartition[]): readonly string[] =>
  tps.map((tp) => `${tp.topic}-${tp.partition}`).sort();

describe('consumerProtocol', () => {
  it('writes a subscription as Kafka writes version 3', () => {
    const encoded = encodeSubscription({
      topics: ['ab', 'c'],
      userData: new Uint8Array([7]),
      owned: [
        { topic: 'ab', partition: 0 },
        { topic: 'ab', partition: 2 },
      ],
      generation: 5,
      rack: null,
    });
    expect(hex(encoded)).toBe(
      hex(
        bytes(
          '0003 00000002 0002 6162 0001 63 00000001 07' +
            '00000001 0002 6162 00000002 00000000 00000002 00000005 ffff',
        ),
      ),
    );
  });

  it('writes an assignment as Kafka writes it', () => {
    const encoded = encodeAssignment({
      partitions: [{ topic: 'ab', partition: 1 }],
      userData: new Uint8Array(0),
    });
    expect(hex(encoded)).toBe(hex(bytes('0003 00000001 0002 6162 00000001 00000001 00000000')));
  });

  it('reads what older and newer members say', () => {
    const v0 = bytes('0000 00000001 0001 61 ffffffff');
    expect(decodeSubscription(v0)).toEqual({
      topics: ['a'],
      userData: new Uint8Array(0),
      owned: [],
      generation: -1,
      rack: null,
    });
    const v1 = bytes('0001 00000001 0001 61 00000001 09 00000001 0001 61 00000001 00000004');
    expect(decodeSubscription(v1)).toEqual({
      topics: ['a'],
      userData: new Uint8Array([9]),
      owned: [{ topic: 'a', partition: 4 }],
      generation: -1,
      rack: null,
    });
    const v9 = bytes('0009 00000001 0001 61 ffffffff 00000000 00000002 0001 72 deadbeef');
    expect(decodeSubscription(v9)).toMatchObject({ topics: ['a'], generation: 2, rack: 'r' });
  });

  it('takes no bytes for no assignment', () => {
    expect(decodeAssignment(new Uint8Array(0)).partitions).toEqual([]);
  });

  it(`gives back what it was given (seed ${seed})`, () => {
    fc.assert(
      fc.property(
        fc.array(topic),
        partitions,
        userData,
        fc.integer({ min: -1, max: 9 }),
        fc.option(fc.string({ maxLength: 4 })),
        (topics, owned, data, generation, rack) => {
          const back = decodeSubscription(
            encodeSubscription({ topics, owned, userData: data, generation, rack }),
          );
          expect({ ...back, owned: sorted(back.owned) }).toEqual({
            topics,
            owned: sorted(owned),
            userData: data,
            generation,
            rack,
          });
          const given = decodeAssignment(encodeAssignment({ partitions: owned, userData: data }));
          expect(sorted(given.partitions)).toEqual(sorted(owned));
          expect(given.userData).toEqual(data);
        },
      ),
      { seed },
    );
  });

  it('refuses bytes that end too soon', () => {
    expect(() => decodeSubscription(bytes('0003 00000002 0002 61'))).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_CORRUPT' }),
    );
    expect(() => decodeAssignment(bytes('0003 7fffffff'))).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_CORRUPT' }),
    );
  });
});
