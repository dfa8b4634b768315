import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KafkaConnection, NewBatch } from '../../../lib/client/KafkaClient.ts';
import { kafkajs } from '../../../lib/client/kafkajs/index.ts';
import { KafkajsWire } from '../../../lib/client/kafkajs/KafkajsWire.ts';
import { apiKeys } from '../../../lib/client/kafkajs/protocol/apiKeys.ts';
import type { ProtocolWriter } from '../../../lib/client/kafkajs/protocol/Writer.ts';
import { VirtualClock } from '../../../lib/testing/VirtualClock.ts';
import { answerFetch, answerInit, answerMetadata, answerProduced, batchOf } from './answers.ts';
import { type Answer, apiVersions, FakeBroker, sockets, until } from './FakeBroker.ts';

const random = () => 0.5;

let clock: VirtualClock;
let brokers: FakeBroker[];
let closing: { close(): Promise<void> }[];

beforeEach(() => {
  clock = new VirtualClock();
  brokers = [];
  closing = [];
});

afterEach(async () => {
  for (const one of [...closing, ...brokers]) await one.close();
  expect(clock.timers).toBe(0);
});

async function listening(answer: Answer): Promise<FakeBroker> {
  const broker = await FakeBroker.listening(brokers.length + 1, answer);
  brokers.push(broker);
  return broker;
}

async function connected({ address }: FakeBroker): Promise<KafkaConnection> {
  const connection = await kafkajs({ brokers: [address] }).connect({ clock, random });
  closing.push(connection);
  return connection;
}

/** What becomes of something, once it is over. */
function outcome(work: Promise<unknown>): { what: unknown } {
  const told: { what: unknown } = { what: 'nothing yet' };
  const tell = (what: unknown): void => {
    told.what = what;
  };
  work.then(tell, tell);
  return told;
}

const over = (told: { what: unknown }): Promise<boolean> =>
  until(clock, () => told.what !== 'nothing yet');

describe('a broker that leaves the list while requests to it are under way', () => {
  let first: FakeBroker;
  let second: FakeBroker;
  let hasLeft: boolean;

  /** The second leads the topic, and answers no request for records, until it leaves. */
  beforeEach(async () => {
    hasLeft = false;
    const answer = (isFirst: boolean, apiKey: number, out: ProtocolWriter) => {
      if (apiKey === apiKeys.metadata) {
        answerMetadata(out, hasLeft ? [first] : brokers, { t: [hasLeft ? 1 : 2] });
      } else if (apiKey === apiKeys.initProducerId) answerInit(out);
      else if (!isFirst) return 'silent';
      else if (apiKey === apiKeys.produce) answerProduced(out, 't');
      else answerFetch(out, 't', { records: batchOf('a') });
      return undefined;
    };
    first = await listening((apiKey, out) => answer(true, apiKey, out));
    second = await listening((apiKey, out) => answer(false, apiKey, out));
  });

  it('does not keep its producers from going on at the next leader', async () => {
    const connection = await connected(first);
    const producer = connection.producer();
    const records = [{ key: null, value: new Uint8Array(1), timestamp: 1 }];
    const batch: NewBatch = { topic: 't', partition: 0, records };
    const before = outcome(producer.send([batch]));
    expect(await until(clock, () => second.count(apiKeys.produce) > 0)).toBe(true);
    hasLeft = true;
    await connection.admin.describeTopics(['t']);
    await over(before);
    const after = outcome(producer.send([batch]));
    await over(after);
    expect([before.what, after.what]).toEqual([[0], [0]]);
  });

  it('does not keep its readers from going on at the next leader', async () => {
    const connection = await connected(first);
    const reader = connection.reader({ isolation: 'read-uncommitted' });
    reader.assign([{ topic: 't', partition: 0, offset: 0 }]);
    const before = outcome(reader.poll(10_000));
    expect(await until(clock, () => second.count(apiKeys.fetch) > 0)).toBe(true);
    reader.wakeup();
    await over(before);
    hasLeft = true;
    await connection.admin.describeTopics(['t']);
    const after = outcome(reader.poll(1_000));
    await over(after);
    expect([before.what, after.what]).toMatchObject([[], [{ topic: 't', nextOffset: 1 }]]);
  });
});

describe('a throttle', () => {
  it('holds back the lane it was told on, and no other', async () => {
    const broker = await listening((apiKey, out) => {
      if (apiKey === apiKeys.metadata) answerMetadata(out, brokers, { t: [1] });
      else if (apiKey === apiKeys.fetch) answerFetch(out, 't', { throttleMs: 3_000 });
      else out.int32(0).int16(0);
      return undefined;
    });
    const options = { brokers: [broker.address] };
    const wire = new KafkajsWire({ options, clientId: 'c', clock, random });
    closing.push(wire);
    await wire.connect();
    const heartbeat = () => wire.request(1, apiKeys.heartbeat, 3, () => {}, { lane: 'join' });
    const fetch = () => wire.request(1, apiKeys.fetch, 11, () => {}, { lane: 'read' });
    await heartbeat();
    await fetch();
    const [beat, held] = [outcome(heartbeat()), outcome(fetch())];
    await over(beat);
    expect(clock.now()).toBeLessThan(3_000);
    await sockets(20);
    expect([broker.count(apiKeys.heartbeat), broker.count(apiKeys.fetch)]).toEqual([2, 1]);
    await clock.advanceTo(3_000);
    await over(held);
    expect(broker.count(apiKeys.fetch)).toBe(2);
  });

  it('that outlasts a reader opens no connection for it', async () => {
    const broker = await listening((apiKey, out) => {
      if (apiKey === apiKeys.metadata) answerMetadata(out, brokers, { t: [1] });
      else answerFetch(out, 't', { throttleMs: 500 });
      return undefined;
    });
    const connection = await connected(broker);
    const reader = connection.reader({ isolation: 'read-uncommitted' });
    reader.assign([{ topic: 't', partition: 0, offset: 0 }]);
    const polled = outcome(reader.poll(10_000));
    await until(clock, () => broker.count(apiKeys.fetch) > 0);
    // The answer comes, and the next question is held back.
    await sockets(20);
    await clock.settle();
    await reader.close();
    await over(polled);
    const before = [broker.count(apiKeys.fetch), broker.count(apiVersions)];
    await clock.advance(1_000);
    await sockets(100);
    expect([broker.count(apiKeys.fetch), broker.count(apiVersions)]).toEqual(before);
    expect(before).toEqual([1, 2]);
  });
});
