import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom, type Subscription, take, toArray } from 'rxjs';
import type { Admin } from '../../lib/client/KafkaClient.ts';
import { partition } from '../../lib/client/partition.ts';
import { produce } from '../../lib/client/produce.ts';
import { topicStream } from '../../lib/client/topicStream.ts';
import { kafkajs } from '../../lib/kafkajs.ts';
import type { KStream } from '../../lib/model/record.ts';
import { type Topic, topic } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';

const brokers = (process.env.KAFKA_BROKERS ?? 'localhost:9092').split(',');
const client = kafkajs({ brokers });
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sockets and timers of this process. */
function open(): string {
  return process
    .getActiveResourcesInfo()
    .filter((name) => name === 'TCPSocketWrap' || name === 'Timeout')
    .sort()
    .join();
}

/** What is open once everything before has been let go of: the same three times in a row. */
async function settled(): Promise<string> {
  let last = open();
  for (let same = 0; same < 3; ) {
    await sleep(200);
    const now = open();
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return last;
}

async function asAdmin<T>(ask: (admin: Admin) => Promise<T>): Promise<T> {
  const connection = await client.connect();
  try {
    return await ask(connection.admin);
  } finally {
    await connection.close();
  }
}

async function newTopic(partitions: number): Promise<Topic<string, number>> {
  const name = `tail-spec-${randomUUID()}`;
  await asAdmin((admin) => admin.createTopics([{ topic: name, partitions }]));
  return topic(name, number());
}

/** Of today: brokers delete what is too old. */
const today = Date.now() - 3_600_000;

function* numbers(from: number, to: number) {
  for (let n = from; n < to; n++) yield { key: `k${n % 50}`, value: n, timestamp: today + n };
}

class Listener {
  readonly values: number[] = [];
  error: unknown = null;
  readonly subscription: Subscription;
  constructor(records: KStream<string, number>) {
    this.subscription = records.subscribe({
      next: ({ value }) => this.values.push(value),
      error: (error: unknown) => {
        this.error = error;
      },
    });
  }
}

async function until(what: () => boolean, ms = 30_000): Promise<void> {
  const end = Date.now() + ms;
  while (!what()) {
    if (Date.now() > end) throw new Error(`Not within ${ms} ms: ${what}`);
    await sleep(20);
  }
}

describe('partition on a broker', () => {
  it('reads again for each subscription, from and to where it is told', async () => {
    const numbered = await newTopic(1);
    await produce(client, numbered, numbers(0, 20_000));
    const read = async (o: Parameters<typeof partition>[3]) => {
      const records = await firstValueFrom(partition(client, numbered, 0, o).pipe(toArray()));
      return records.map(({ value }) => value);
    };
    const all = await read({ to: 'end' });
    expect(all).toEqual(Array.from({ length: 20_000 }, (_, n) => n));
    expect(await read({ from: { offset: 7 }, to: { offset: 10 } })).toEqual([7, 8, 9]);
    expect(await read({ from: { timestampMs: today + 19_998 }, to: 'end' })).toEqual([
      19_998, 19_999,
    ]);
    expect(await read({ from: 'latest', to: 'end' })).toEqual([]);
  });

  it('leaves no socket and no timer', async () => {
    const numbered = await newTopic(1);
    await produce(client, numbered, numbers(0, 100));
    const before = await settled();
    await lastValueFrom(partition(client, numbered, 0).pipe(take(10)));
    const waiting = new Listener(partition(client, numbered, 0, { from: 'latest' }));
    await until(() => open() !== before);
    waiting.subscription.unsubscribe();
    new Listener(partition(client, numbered, 0)).subscription.unsubscribe();
    expect(await settled()).toBe(before);
    await expect(
      lastValueFrom(partition(client, numbered, 0, { from: { offset: 101 } })),
    ).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    await expect(lastValueFrom(partition(client, numbered, 7))).rejects.toThrow();
    expect(await settled()).toBe(before);
  });
});

describe('topicStream on a broker', () => {
  it('shares a topic among members and goes on where it left off: all once', async () => {
    const numbered = await newTopic(6);
    const groupId = randomUUID();
    const before = await settled();
    const tail = () => topicStream(client, numbered, { groupId, commitIntervalMs: 100 });
    await produce(client, numbered, numbers(0, 5_000));
    const a = new Listener(tail());
    await until(() => a.values.length === 5_000);
    const b = new Listener(tail());
    let next = 5_000;
    while (b.values.length <= 500) {
      await produce(client, numbered, numbers(next, next + 50));
      next += 50;
    }
    await until(() => a.values.length + b.values.length === next);
    a.subscription.unsubscribe();
    await produce(client, numbered, numbers(next, next + 600));
    next += 600;
    await until(() => a.values.length + b.values.length === next);
    b.subscription.unsubscribe();
    await until(() => open() === before);
    await produce(client, numbered, numbers(next, next + 10));
    next += 10;
    const c = new Listener(tail());
    await until(() => c.values.length >= 10);
    c.subscription.unsubscribe();
    await until(() => open() === before);
    const all = [...a.values, ...b.values, ...c.values].sort((x, y) => x - y);
    expect(all).toEqual(Array.from({ length: next }, (_, n) => n));
    expect([a.error, b.error, c.error]).toEqual([null, null, null]);
    const offsets = await asAdmin((admin) => admin.listGroupOffsets(groupId));
    expect([...offsets.values()].reduce((sum, { offset }) => sum + offset, 0)).toBe(next);
    const [described] = await asAdmin((admin) => admin.describeGroups([groupId]));
    expect(described?.members).toEqual([]);
  });
});
