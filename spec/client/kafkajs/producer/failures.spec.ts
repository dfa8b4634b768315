import { beforeEach, describe, expect, it } from '@jest/globals';
import type { NewRecord, ProducerOptions } from '../../../../lib/client/KafkaClient.ts';
import { KafkajsProducer } from '../../../../lib/client/kafkajs/KafkajsProducer.ts';
import { apiKeys } from '../../../../lib/client/kafkajs/protocol/apiKeys.ts';
import { Codecs } from '../../../../lib/client/kafkajs/records/Codecs.ts';
import type { TopicPartition } from '../../../../lib/model/topicPartition.ts';
import { VirtualClock } from '../../../../lib/testing/VirtualClock.ts';
import { type Appended, answerAddPartitions, answerInit, answerProduce } from '../answers.ts';
import { type ScriptedRequest, ScriptedWire } from '../ScriptedWire.ts';
import { seeded } from '../seeded.ts';
import { StrictLog } from './StrictLog.ts';

const unknownTopic = 3;
const messageTooLarge = 10;
const authorizationFailed = 29;
const notAttempted = 55;
const tooLarge: Appended = { errorCode: messageTooLarge, offset: -1 };

const record = (value: string, bytes = 0): NewRecord => ({
  key: null,
  value: new TextEncoder().encode(value.padEnd(bytes, '.')),
  timestamp: 1,
});
const written: Appended = { errorCode: 0, offset: 0 };

let clock: VirtualClock;
let wire: ScriptedWire;
let append: (to: TopicPartition, batch: Buffer) => Appended;
let codeOfAdding: (tp: TopicPartition) => number;

function answer({ apiKey, body, out }: ScriptedRequest): void {
  if (apiKey === apiKeys.initProducerId) answerInit(out);
  else if (apiKey === apiKeys.produce) answerProduce(body, out, append);
  else if (apiKey === apiKeys.addPartitionsToTxn) answerAddPartitions(body, out, codeOfAdding);
  else out.int32(0).int16(0);
}

beforeEach(() => {
  clock = new VirtualClock();
  wire = new ScriptedWire(clock, { t: 2 }, answer);
  append = () => written;
  codeOfAdding = () => 0;
});

function producerOf(options: ProducerOptions = {}): KafkajsProducer {
  return new KafkajsProducer({ wire, codecs: new Codecs(), lane: 'write', options });
}

async function transactional(options: ProducerOptions = {}): Promise<KafkajsProducer> {
  const producer = producerOf({ transactionalId: 'x', ...options });
  const init = producer.init();
  await clock.advance(10);
  await init;
  producer.begin();
  return producer;
}

/** What becomes of something: `pending` until it is over. */
interface Outcome {
  what: unknown;
}

function outcome(work: Promise<unknown>): Outcome {
  const told: Outcome = { what: 'pending' };
  const tell = (what: unknown): void => {
    told.what = what;
  };
  work.then(tell, tell);
  return told;
}

const send = (producer: KafkajsProducer, topic: string, ...records: NewRecord[]): Outcome =>
  outcome(producer.send([{ topic, partition: 0, records }]));

describe('a topic', () => {
  it('that may not be looked up fails alone, and by name', async () => {
    wire.topics.set('good', 1).set('other', 1);
    wire.refused.set('secret', authorizationFailed).set('hidden', authorizationFailed);
    const producer = producerOf();
    const before = send(producer, 'good', record('a'));
    await clock.advance(100);
    const [secret, hidden, other] = ['secret', 'hidden', 'other'].map((topic) =>
      send(producer, topic, record('b')),
    );
    await clock.advance(200);
    const after = send(producer, 'good', record('c'));
    await clock.advance(100);
    expect([before.what, other?.what, after.what]).toEqual([[0], [0], [0]]);
    const refused = (topic: string) => ({
      kafkaCode: authorizationFailed,
      place: { topic },
      message: expect.stringContaining(topic),
    });
    expect(secret?.what).toMatchObject(refused('secret'));
    expect(hidden?.what).toMatchObject(refused('hidden'));
  });

  it('that may be looked up later is found then', async () => {
    wire.topics.set('secret', 1);
    wire.refused.set('secret', authorizationFailed);
    const producer = producerOf();
    const refused = send(producer, 'secret', record('a'));
    await clock.advance(60_000);
    expect(refused.what).toMatchObject({ kafkaCode: authorizationFailed });
    wire.refused.clear();
    const found = send(producer, 'secret', record('b'));
    await clock.advance(1_000);
    expect(found.what).toEqual([0]);
  });

  it('that is made after it was missing is found', async () => {
    const producer = producerOf();
    const missing = send(producer, 'late', record('a'));
    await clock.advance(10_000);
    expect(missing.what).toMatchObject({ code: 'UNKNOWN_TOPIC', place: { topic: 'late' } });
    wire.topics.set('late', 1);
    await clock.advance(60_000);
    const found = [send(producer, 'late', record('b'))];
    await clock.advance(10_000);
    found.push(send(producer, 'late', record('c')));
    await clock.advance(10_000);
    expect(found.map(({ what }) => what)).toEqual([[0], [0]]);
  });

  it('is not taken for missing while no broker can be asked', async () => {
    wire.topics.set('known', 1).set('late', 1);
    const producer = producerOf();
    const before = send(producer, 'known', record('a'));
    await clock.advance(1_000);
    wire.isAway = true;
    const meanwhile = send(producer, 'late', record('b'));
    await clock.advance(8_000);
    expect([before.what, meanwhile.what]).toEqual([[0], 'pending']);
    wire.isAway = false;
    await clock.advance(2_000);
    expect(meanwhile.what).toEqual([0]);
  });
});

describe('a transaction', () => {
  it('that failed says so at its commit, and to what waits for room', async () => {
    append = ({ partition }) => (partition === 0 ? tooLarge : written);
    const producer = await transactional({ bufferBytes: 1_000 });
    const sends = [0, 1].map((partition) =>
      outcome(producer.send([{ topic: 't', partition, records: [record('', 900)] }])),
    );
    const commit = outcome(producer.commit());
    await clock.advance(1_000);
    expect(commit.what).toMatchObject({ code: 'TRANSACTION_ABORTABLE', abortable: true });
    expect(sends[0]?.what).toMatchObject({ kafkaCode: messageTooLarge, abortable: true });
    expect(sends[1]?.what).toMatchObject({ abortable: true });

    append = () => written;
    const abort = outcome(producer.abort());
    await clock.advance(1_000);
    expect(abort.what).toBeUndefined();
    producer.begin();
    const next = [send(producer, 't', record('', 900)), outcome(producer.commit())];
    await clock.advance(1_000);
    expect(next.map(({ what }) => what)).toEqual([[0], undefined]);
  });

  it('finds a topic that was missing in one aborted before', async () => {
    const producer = await transactional();
    const missing = send(producer, 'late', record('a'));
    await clock.advance(1_000);
    const abort = outcome(producer.abort());
    await clock.advance(10_000);
    expect([missing.what, abort.what]).toEqual([expect.any(Error), undefined]);
    wire.topics.set('late', 1);
    producer.begin();
    const found = send(producer, 'late', record('b'));
    const commit = outcome(producer.commit());
    await clock.advance(3_000);
    expect([found.what, commit.what]).toEqual([[0], undefined]);
  });

  it('waits for a topic that its coordinator does not know yet', async () => {
    wire.topics.set('fresh', 1);
    const producer = await transactional();
    const knownMs = clock.now() + 100;
    codeOfAdding = ({ topic }) => {
      if (clock.now() >= knownMs) return 0;
      return topic === 'fresh' ? unknownTopic : notAttempted;
    };
    const batch = { partition: 0, records: [record('a')] };
    const sending = outcome(
      producer.send([
        { topic: 't', ...batch },
        { topic: 'fresh', ...batch },
      ]),
    );
    const commit = outcome(producer.commit());
    await clock.advance(5_000);
    expect([sending.what, commit.what]).toEqual([[0, 0], undefined]);
    const asked = wire.asked.filter((apiKey) => apiKey === apiKeys.addPartitionsToTxn);
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.length).toBeLessThan(10);
  });
});

describe('records that are too large for their topic', () => {
  const values = (from: number, count: number): string[] =>
    Array.from({ length: count }, (_, n) => `${from + n}`.padEnd(1_000, '.'));
  let log: StrictLog;

  function logOf(mostBytes: number): void {
    log = new StrictLog(mostBytes);
    append = (_, batch) => log.append(batch);
  }

  /** Each of these was acknowledged, where it lies. */
  function expectWritten(sent: readonly (readonly [string[], Outcome])[]): void {
    for (const [some, { what }] of sent) {
      const [offset] = what as number[];
      expect(log.values.slice(offset, (offset ?? -1) + some.length)).toEqual(some);
    }
    const all = sent.flatMap(([some]) => some);
    expect([...log.values].sort()).toEqual([...all].sort());
  }

  it('as one batch go in ever smaller ones, in order', async () => {
    logOf(100_000);
    const all = values(0, 500);
    const sending = send(producerOf(), 't', ...all.map((value) => record(value)));
    await clock.advance(1_000);
    expect(sending.what).toEqual([0]);
    expect(log.values).toEqual(all);
    // Halved no more often than needed: 500, 250, 125, 63 or 62 of a thousand bytes each.
    expect(log.sizes).toHaveLength(8);
  });

  it.each([1_100, 2_500, 100_000])(
    'go in order with all that is under way, in batches of at most %i bytes',
    async (mostBytes) => {
      logOf(mostBytes);
      const producer = producerOf();
      const sent: [string[], Outcome][] = [];
      const next = (count: number): void => {
        const some = values(sent.length * 1_000, count);
        sent.push([some, send(producer, 't', ...some.map((value) => record(value)))]);
      };
      next(1);
      await clock.advance(100);
      for (const count of [150, 1, 120, 70, 30, 1, 99, 2]) {
        next(count);
        // Each leaves alone: several are under way.
        await clock.settle();
      }
      await clock.advance(10_000);
      expect(sent.map(([, { what }]) => what)).toEqual(sent.map(() => [expect.any(Number)]));
      expectWritten(sent);
      expect(log.values).toEqual(sent.flatMap(([some]) => some));
    },
  );

  /** Three sends that are under way at once, the middle one alone not too large. */
  async function threeSends(producer: KafkajsProducer): Promise<[string[], Outcome][]> {
    const sent: [string[], Outcome][] = [];
    for (const count of [300, 50, 300]) {
      const some = values(sent.length * 1_000, count);
      sent.push([some, send(producer, 't', ...some.map((value) => record(value)))]);
      await clock.settle();
    }
    await clock.advance(5_000);
    expect(sent.map(([, { what }]) => what)).toEqual(sent.map(() => [expect.any(Number)]));
    return sent;
  }

  it('go in order to a log that takes any sequence, not knowing the producer', async () => {
    logOf(100_000);
    const sent = await threeSends(producerOf());
    expectWritten(sent);
    expect(log.values).toEqual(sent.flatMap(([some]) => some));
  });

  it('are all written, once, to a log that has forgotten the producer', async () => {
    logOf(100_000);
    const producer = producerOf();
    const first = send(producer, 't', record('first'));
    await clock.advance(100);
    log.forget();
    expectWritten([[['first'], first], ...(await threeSends(producer))]);
  });

  it('go in order whatever their sizes, but for those too large by themselves', async () => {
    const first = Number(process.env.SPLIT_SEED ?? 1);
    for (let seed = first; seed < first + 20; seed++) {
      const random = seeded(seed);
      const mostBytes = 1_000 + Math.floor(random() * 20_000);
      logOf(mostBytes);
      const producer = producerOf();
      const sends = [send(producer, 't', record('first'))];
      const expected = ['first'];
      await clock.advance(100);
      for (let n = 0; n < 20; n++) {
        const isLarge = random() < 0.2;
        const records = Array.from({ length: 1 + Math.floor(random() * 20) }, (_, at) => {
          const bytes = random() < 0.3 ? mostBytes - 200 : Math.floor(random() * 500);
          if (isLarge && at === 3) return record('LARGE', mostBytes);
          expected.push(`${n}/${at}`.padEnd(bytes, '.'));
          return record(`${n}/${at}`, bytes);
        });
        sends.push(send(producer, 't', ...records));
        if (random() < 0.3) await clock.advance(Math.floor(random() * 4));
      }
      await clock.advance(10_000);
      const open = sends.filter(({ what }) => what === 'pending').length;
      expect({ seed, open, values: log.values }).toEqual({ seed, open: 0, values: expected });
      await producer.close();
    }
  });

  it('fail each alone; those around them are written', async () => {
    logOf(2_000);
    const producer = producerOf();
    const names = ['a', 'b', 'LARGE', 'c', 'd', 'LARGER', 'e'];
    const sends = names.map((name) =>
      send(producer, 't', record(name, name.startsWith('LARGE') ? 3_000 : 100)),
    );
    await clock.advance(1_000);
    const large = { kafkaCode: messageTooLarge, place: { topic: 't', partition: 0 } };
    const [first, second] = [sends.splice(5, 1), sends.splice(2, 1)].flat();
    expect(first?.what).toMatchObject(large);
    expect(second?.what).toMatchObject(large);
    expect(sends.map(({ what }) => what)).toEqual([[0], [1], [2], [3], [4]]);
    expect(log.values.map((value) => value[0])).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('fail the send they are part of, once its other records are written', async () => {
    logOf(2_000);
    const producer = producerOf();
    const sending = send(producer, 't', record('a'), record('LARGE', 3_000), record('b'));
    await clock.advance(1_000);
    expect(sending.what).toMatchObject({ kafkaCode: messageTooLarge });
    expect(log.values).toEqual(['a', 'b']);
  });

  it('do not end a producer that has others right behind them', async () => {
    logOf(1_000_000);
    const producer = producerOf();
    const large = send(producer, 't', record('LARGE', 1_100_000));
    const behind = send(producer, 't', record('behind'));
    await clock.advance(1_000);
    const third = send(producer, 't', record('third'));
    await clock.advance(1_000);
    expect(large.what).toMatchObject({ kafkaCode: messageTooLarge });
    expect([behind.what, third.what]).toEqual([[0], [1]]);
    expect(log.values).toEqual(['behind', 'third']);
  });
});
