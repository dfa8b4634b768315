import { describe, expect, it } from '@jest/globals';
import type { NewRecord } from '../../../../lib/client/KafkaClient.ts';
import { KafkajsProducer } from '../../../../lib/client/kafkajs/KafkajsProducer.ts';
import { Codecs } from '../../../../lib/client/kafkajs/records/Codecs.ts';
import { VirtualClock } from '../../../../lib/testing/VirtualClock.ts';
import { seeded } from '../seeded.ts';
import { type Faults, FaultyCluster, poison } from './FaultyCluster.ts';

const none: Faults = {
  breakBefore: 0,
  breakAfter: 0,
  refuse: 0,
  appendAndComplain: 0,
  moveLeader: 0,
};

const partitions = 3;
const record = (value: string): NewRecord => ({
  key: null,
  value: new TextEncoder().encode(value),
  timestamp: 1,
});

interface Outcome {
  readonly partition: number;
  readonly values: readonly string[];
  offset: number;
  error: unknown;
}

/** Sends without awaiting, now and then letting time pass; answers when all is over. */
async function run(
  seed: number,
  faults: Faults,
  o: { readonly sends: number; readonly poisoned?: number; readonly bufferBytes?: number },
): Promise<{ readonly cluster: FaultyCluster; readonly outcomes: readonly Outcome[] }> {
  const random = seeded(seed);
  const clock = new VirtualClock();
  const cluster = new FaultyCluster(clock, random, partitions, faults);
  const { bufferBytes } = o;
  const producer = new KafkajsProducer({
    wire: cluster,
    codecs: new Codecs(),
    lane: 'write',
    options: bufferBytes === undefined ? {} : { bufferBytes },
  });
  const outcomes: Outcome[] = [];
  let isOver = false;
  const all: Promise<unknown>[] = [];
  for (let n = 0; n < o.sends; n++) {
    const partition = Math.floor(random() * partitions);
    const isPoison = random() < (o.poisoned ?? 0);
    const count = 1 + Math.floor(random() * 5);
    const values = Array.from({ length: count }, (_, at) => (isPoison ? poison : `${n}.${at}`));
    const outcome: Outcome = { partition, values, offset: -1, error: null };
    outcomes.push(outcome);
    const sending = producer.send([{ topic: 't', partition, records: values.map(record) }]);
    all.push(
      sending.then(
        ([offset]) => {
          outcome.offset = offset ?? -1;
        },
        (error) => {
          outcome.error = error;
        },
      ),
    );
    if (random() < 0.3) await clock.advance(Math.floor(random() * 8));
  }
  void Promise.all(all).then(() => {
    isOver = true;
  });
  for (let turns = 0; !isOver && turns < 10_000; turns++) await clock.advance(20);
  expect(isOver).toBe(true);
  await producer.close();
  expect(clock.timers).toBe(0);
  return { cluster, outcomes };
}

/**
 * Each partition's log is what was sent to it and not refused: in order, all of it, nothing twice.
 */
function expectExactly(cluster: FaultyCluster, outcomes: readonly Outcome[], seed: number): void {
  cluster.logs.forEach(({ values }, partition) => {
    const sent = outcomes.filter((one) => one.partition === partition && one.error === null);
    expect({ seed, values }).toEqual({ seed, values: sent.flatMap((one) => one.values) });
    for (const one of sent) {
      expect(values.slice(one.offset, one.offset + one.values.length)).toEqual(one.values);
    }
  });
}

describe('an idempotent producer', () => {
  it('keeps the order of sends and tells their offsets', async () => {
    const { cluster, outcomes } = await run(1, none, { sends: 200 });
    expectExactly(cluster, outcomes, 1);
    expect(outcomes.every(({ error }) => error === null)).toBe(true);
  });

  it('has several requests under way, but never more than the brokers remember', async () => {
    const { cluster } = await run(2, none, { sends: 400 });
    expect(cluster.mostInFlight).toBeGreaterThan(1);
    expect(cluster.mostInFlight).toBeLessThanOrEqual(5);
  });

  const first = Number(process.env.IDEMPOTENCE_SEED ?? 1000);
  const seeds = Array.from({ length: 60 }, (_, n) => first + n);

  it('writes all once, in order, over lost connections and answers, moving leaders', async () => {
    for (const seed of seeds) {
      const random = seeded(seed);
      const faults: Faults = {
        breakBefore: random() * 0.2,
        breakAfter: random() * 0.2,
        refuse: random() * 0.2,
        appendAndComplain: random() * 0.2,
        moveLeader: random() * 0.1,
      };
      const { cluster, outcomes } = await run(seed, faults, { sends: 120 });
      expect({ seed, failed: outcomes.filter(({ error }) => error !== null) }).toEqual({
        seed,
        failed: [],
      });
      expectExactly(cluster, outcomes, seed);
    }
  });

  it('goes on after records that the broker refuses, without a gap', async () => {
    for (const seed of seeds) {
      const faults = { ...none, breakBefore: 0.1, breakAfter: 0.1, moveLeader: 0.05 };
      const { cluster, outcomes } = await run(seed, faults, { sends: 80, poisoned: 0.1 });
      for (const { error } of outcomes) {
        if (error !== null) expect(error).toMatchObject({ kafkaCode: 10, retriable: false });
      }
      expect(outcomes.some(({ error }) => error !== null)).toBe(true);
      expectExactly(cluster, outcomes, seed);
    }
  });

  it('keeps the order when memory is short and sends have to wait', async () => {
    const faults = { ...none, breakAfter: 0.1 };
    const { cluster, outcomes } = await run(5, faults, { sends: 200, bufferBytes: 400 });
    expectExactly(cluster, outcomes, 5);
    expect(outcomes.every(({ error }) => error === null)).toBe(true);
  });
});
