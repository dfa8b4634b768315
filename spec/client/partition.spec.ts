import { beforeEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom, map, type Observable, take, toArray } from 'rxjs';
import type { KafkaClient, KafkaConnection } from '../../lib/client/KafkaClient.ts';
import { type MemoryKafka, memoryKafka } from '../../lib/client/memory/MemoryKafka.ts';
import { partition } from '../../lib/client/partition.ts';
import { type KRecord, origin } from '../../lib/model/record.ts';
import { topic } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { VirtualClock } from '../../lib/testing/VirtualClock.ts';

const words = topic('words', json<string>());
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

let clock: VirtualClock;
let kafka: MemoryKafka;
let connections: { open: number; made: number };
let client: KafkaClient;

beforeEach(() => {
  clock = new VirtualClock();
  kafka = memoryKafka({ clock, topics: { words: 2 } });
  connections = { open: 0, made: 0 };
  client = {
    connect: async (o): Promise<KafkaConnection> => {
      const connection = await kafka.connect(o);
      connections.open += 1;
      connections.made += 1;
      let closing: Promise<void> | null = null;
      return {
        admin: connection.admin,
        reader: (options) => connection.reader(options),
        group: (options) => connection.group(options),
        producer: (options) => connection.producer(options),
        close: () => {
          if (closing === null) connections.open -= 1;
          closing ??= connection.close();
          return closing;
        },
      };
    },
  };
});

function write(text: string, timestamp = 0): void {
  for (const letter of text) {
    kafka.append('words', 0, { key: encode(letter), value: encode(`"${letter}"`), timestamp });
  }
}

const letters = (records: Observable<KRecord<string, string>>): Observable<string> =>
  records.pipe(map(({ value }) => value));

/** What comes until it ends or time stands still, as a word; `|` is the end. */
async function seen(records: Observable<KRecord<string, string>>): Promise<string> {
  let text = '';
  const subscription = letters(records).subscribe({
    next: (letter) => {
      text += letter;
    },
    error: (error: { code: string }) => {
      text += `#${error.code}`;
    },
    complete: () => {
      text += '|';
    },
  });
  await clock.advance(3_000);
  subscription.unsubscribe();
  await clock.settle();
  expect([connections.open, clock.timers]).toEqual([0, 0]);
  return text;
}

describe('a start the log does not reach to', () => {
  const out = '#OFFSET_OUT_OF_RANGE';
  const from = (offset: number, to?: 'end' | { readonly offset: number }) => {
    return partition(client, words, 0, { from: { offset }, ...(to && { to }), clock });
  };

  it('is told, whatever the end', async () => {
    write('abc');
    expect(await seen(from(100))).toBe(out);
    expect(await seen(from(100, 'end'))).toBe(out);
    expect(await seen(from(100, { offset: 50 }))).toBe(out);
    expect(await seen(from(100, { offset: 200 }))).toBe(out);
    await (await kafka.connect()).admin.deleteRecords([
      { topic: 'words', partition: 0, offset: 2 },
    ]);
    expect(await seen(from(0, 'end'))).toBe(out);
    expect(await seen(from(0, { offset: 0 }))).toBe(out);
  });

  it('is told with its place', async () => {
    const reading = firstValueFrom(from(100, 'end').pipe(toArray()));
    await expect(reading).rejects.toMatchObject({
      place: { topic: 'words', partition: 0, offset: 100 },
      message: expect.stringContaining('offsets 0 to 0'),
    });
  });

  it('is not its very end, nor the end that open transactions hold back', async () => {
    write('abc');
    expect(await seen(from(3, 'end'))).toBe('|');
    expect(await seen(from(2, { offset: 1 }))).toBe('|');
    const producer = (await kafka.connect()).producer({ transactionalId: 'x' });
    await producer.init();
    producer.begin();
    const record = { key: encode('d'), value: encode('"d"'), timestamp: 0 };
    await producer.send([{ topic: 'words', partition: 0, records: [record, record] }]);
    expect(await kafka.records('words', 0, 'read-committed')).toHaveLength(3);
    const end = partition(client, words, 0, { from: { offset: 4 }, to: 'end', clock });
    await firstValueFrom(end.pipe(toArray())).then((all) => expect(all).toEqual([]));
    await producer.abort();
  });
});

describe('partition', () => {
  it('is cold: each subscription connects and reads again', async () => {
    const all = partition(client, words, 0, { from: 'earliest', to: 'end', clock });
    expect(connections.made).toBe(0);
    write('abc');
    expect(await seen(all)).toBe('abc|');
    write('d');
    expect(await seen(all)).toBe('abcd|');
    expect(connections.made).toBe(2);
  });

  it('begins and ends where it is told', async () => {
    write('ab', 10);
    write('cd', 20);
    write('e', 30);
    const read = (o: Parameters<typeof partition>[3]) =>
      seen(partition(client, words, 0, { clock, ...o }));
    expect(await read({ from: { offset: 1 }, to: { offset: 3 } })).toBe('bc|');
    expect(await read({ from: { timestampMs: 15 }, to: 'end' })).toBe('cde|');
    expect(await read({ from: { timestampMs: 31 }, to: 'end' })).toBe('|');
    expect(await read({ from: 'latest', to: 'end' })).toBe('|');
    expect(await read({ from: { offset: 4 }, to: { offset: 2 } })).toBe('|');
    expect(await read({ from: { offset: 3 } })).toBe('de');
    expect(await read({})).toBe('abcde');
  });

  it('ends at the end as it was when subscribed, and goes on without one', async () => {
    write('ab');
    const texts = ['', ''];
    for (const [index, to] of (['end', undefined] as const).entries()) {
      letters(
        partition(client, words, 0, { clock, ...(to === undefined ? {} : { to }) }),
      ).subscribe((letter) => {
        if (letter === 'a') write('c');
        texts[index] += letter;
      });
    }
    await clock.advance(1_000);
    expect(texts).toEqual(['ab', 'abcc']);
  });

  it('waits for records that are not there yet', async () => {
    const first = firstValueFrom(letters(partition(client, words, 0, { from: 'latest', clock })));
    await clock.advance(5_000);
    write('x');
    await clock.settle();
    expect(await first).toBe('x');
    await clock.settle();
    expect([connections.open, clock.timers]).toEqual([0, 0]);
  });

  it('delivers nothing more once nobody listens, within a batch', async () => {
    write('abcdefgh');
    expect(await seen(partition(client, words, 0, { clock }).pipe(take(3)))).toBe('abc|');
  });

  it('carries key, timestamp, headers, origin and nulls', async () => {
    kafka.append('words', 1, {
      key: null,
      value: null,
      timestamp: 7,
      headers: [['h', encode('v')]],
    });
    const record = firstValueFrom(partition(client, words, 1, { clock }));
    await clock.advance(10);
    expect(await record).toMatchObject({
      key: null,
      value: null,
      timestamp: 7,
      headers: [['h', encode('v')]],
      [origin]: { topic: 'words', partition: 1, offset: 0, lane: 0, task: null, raw: null },
    });
  });

  it('gives bytes when the topic has a name alone', async () => {
    write('a');
    const read = firstValueFrom(
      partition(client, 'words', 0, { to: 'end', clock }).pipe(toArray()),
    );
    await clock.advance(10);
    expect((await read).map(({ key, value }) => [key, value])).toEqual([
      [encode('a'), encode('"a"')],
    ]);
  });

  it('tells what it cannot read, and closes', async () => {
    expect(await seen(partition(client, words, 0, { from: { offset: 9 }, clock }))).toBe(
      '#OFFSET_OUT_OF_RANGE',
    );
    write('a');
    kafka.append('words', 0, { key: null, value: encode('{'), timestamp: 0 });
    expect(await seen(partition(client, words, 0, { clock }))).toBe('a#UNDECODABLE');
    expect(await seen(partition(client, words, 5, { clock }))).toMatch(/^#/);
    kafka.unreachable = true;
    expect(await seen(partition(client, words, 0, { clock }))).toBe('#BROKER_UNREACHABLE');
  });

  it('lets others have their turn in a long log', async () => {
    for (let n = 0; n < 5_000; n++) write('a');
    let count = 0;
    let between = 0;
    const breathing: VirtualClock = Object.assign(Object.create(clock), {
      now: () => clock.now(),
      after: (ms: number, work: () => void) => clock.after(ms, work),
      breathe: () => {
        between += 1;
        return clock.breathe();
      },
    });
    partition(client, words, 0, { to: 'end', clock: breathing }).subscribe(() => {
      count += 1;
    });
    await clock.advance(100);
    expect(count).toBe(5_000);
    expect(between).toBeGreaterThanOrEqual(5);
  });
});
