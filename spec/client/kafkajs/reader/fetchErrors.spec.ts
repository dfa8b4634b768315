import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Fetched } from '../../../../lib/client/KafkaClient.ts';
import { KafkajsReader } from '../../../../lib/client/kafkajs/KafkajsReader.ts';
import { Codecs } from '../../../../lib/client/kafkajs/records/Codecs.ts';
import { VirtualClock } from '../../../../lib/testing/VirtualClock.ts';
import { answerFetch, batchOf } from '../answers.ts';
import { ScriptedWire } from '../ScriptedWire.ts';

let clock: VirtualClock;
let wire: ScriptedWire;
let reader: KafkajsReader;
let errorCode: number;

beforeEach(() => {
  clock = new VirtualClock();
  errorCode = 0;
  wire = new ScriptedWire(clock, { t: 1 }, ({ out }) =>
    answerFetch(out, 't', errorCode === 0 ? { records: batchOf('a') } : { errorCode }),
  );
  reader = new KafkajsReader({
    wire,
    codecs: new Codecs(),
    lane: 'read',
    options: { isolation: 'read-uncommitted' },
  });
  reader.assign([{ topic: 't', partition: 0, offset: 0 }]);
});

/** Polls until something comes, or for so long. */
async function poll(forMs: number): Promise<readonly Fetched[] | Error> {
  let told: readonly Fetched[] | Error = [];
  const until = clock.now() + forMs;
  while (clock.now() < until && Array.isArray(told) && told.length === 0) {
    const polled = reader.poll(1_000).then(
      (fetched) => {
        told = fetched;
      },
      (error) => {
        told = error;
      },
    );
    await clock.advance(1_000);
    await polled;
  }
  return told;
}

describe('a partition that answers with an error', () => {
  it.each([
    ['KAFKA_STORAGE_ERROR', 56],
    ['UNKNOWN_LEADER_EPOCH', 75],
    ['OFFSET_NOT_AVAILABLE', 78],
  ])('that passes is asked again after pauses: %s', async (_, code) => {
    errorCode = code;
    expect(await poll(10_000)).toEqual([]);
    // Answers come within a millisecond: without pauses these would be thousands.
    expect(wire.asked.length).toBeGreaterThan(5);
    expect(wire.asked.length).toBeLessThan(250);
    errorCode = 0;
    expect(await poll(2_000)).toMatchObject([{ topic: 't', nextOffset: 1 }]);
  });

  it('of corrupt records is given up, saying where', async () => {
    errorCode = 2;
    expect(await poll(10_000)).toMatchObject({
      kafkaCode: 2,
      place: { topic: 't', partition: 0, offset: 0 },
    });
  });
});

describe('a topic', () => {
  it('that is made between two polls is found, however long they are apart', async () => {
    wire.topics.clear();
    expect(await poll(2_000)).toEqual([]);
    await clock.advance(60_000);
    wire.topics.set('t', 1);
    expect(await poll(2_000)).toMatchObject([{ topic: 't', nextOffset: 1 }]);
  });

  it('is not taken for missing while no broker can be asked', async () => {
    wire.isAway = true;
    expect(await poll(8_000)).toEqual([]);
    wire.isAway = false;
    expect(await poll(2_000)).toMatchObject([{ topic: 't', nextOffset: 1 }]);
  });

  it('is told as missing once brokers have said so for a while', async () => {
    wire.topics.clear();
    wire.isAway = true;
    expect(await poll(8_000)).toEqual([]);
    wire.isAway = false;
    expect(await poll(4_000)).toEqual([]);
    expect(await poll(4_000)).toMatchObject({ code: 'UNKNOWN_TOPIC', place: { topic: 't' } });
  });
});
