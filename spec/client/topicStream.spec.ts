import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Subscription, take } from 'rxjs';
import { type MemoryKafka, memoryKafka } from '../../lib/client/memory/MemoryKafka.ts';
import { topicStream } from '../../lib/client/topicStream.ts';
import type { KStream } from '../../lib/model/record.ts';
import { topic } from '../../lib/serde/handles.ts';
import { string } from '../../lib/serde/string.ts';
import { VirtualClock } from '../../lib/testing/VirtualClock.ts';

const words = topic('words', string());
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

let clock: VirtualClock;
let kafka: MemoryKafka;

beforeEach(() => {
  clock = new VirtualClock();
  kafka = memoryKafka({ clock, topics: { words: 4 } });
});

function write(text: string, n = 0): void {
  for (const letter of text) {
    kafka.append('words', n, { key: encode(letter), value: encode(letter), timestamp: 0 });
  }
}

class Listener {
  text = '';
  readonly subscription: Subscription;
  constructor(words$: KStream<string, string>) {
    this.subscription = words$.subscribe({
      next: ({ value }) => {
        this.text += value;
      },
      error: (error: { code: string }) => {
        this.text += `#${error.code}`;
      },
      complete: () => {
        this.text += '|';
      },
    });
  }
  async stop(): Promise<void> {
    this.subscription.unsubscribe();
    await clock.settle();
  }
}

async function admin<T>(
  ask: (a: Awaited<ReturnType<MemoryKafka['connect']>>['admin']) => Promise<T>,
) {
  const connection = await kafka.connect();
  const answered = ask(connection.admin);
  await clock.settle();
  const answer = await answered;
  await connection.close();
  return answer;
}

const committed = async (groupId: string): Promise<string> =>
  [...(await admin((a) => a.listGroupOffsets(groupId))).entries()]
    .map(([key, { offset }]) => `${key}@${offset}`)
    .sort()
    .join(' ');

const members = async (groupId: string): Promise<number> =>
  (await admin((a) => a.describeGroups([groupId])))[0]?.members.length ?? 0;

const tail = (groupId = 'tail', more: object = {}): KStream<string, string> =>
  topicStream(kafka, words, { groupId, clock, ...more });

describe('topicStream', () => {
  it('is hot: all subscribers share one member', async () => {
    const stream = tail();
    write('ab');
    await clock.advance(100);
    expect(await members('tail')).toBe(0);
    const first = new Listener(stream);
    await clock.advance(100);
    const second = new Listener(stream);
    write('cd');
    await clock.advance(100);
    expect([first.text, second.text, await members('tail')]).toEqual(['abcd', 'cd', 1]);
    await first.stop();
    write('e');
    await clock.advance(100);
    expect(second.text).toBe('cde');
    await second.stop();
    expect([await members('tail'), clock.timers]).toEqual([0, 0]);
  });

  it('goes on where it left off', async () => {
    write('abc');
    const first = new Listener(tail().pipe(take(2)) as KStream<string, string>);
    await clock.advance(100);
    expect(first.text).toBe('ab|');
    expect(await committed('tail')).toBe('words-0@2');
    const second = new Listener(tail());
    await clock.advance(100);
    expect(second.text).toBe('c');
    await second.stop();
    expect([await committed('tail'), clock.timers]).toEqual(['words-0@3', 0]);
  });

  it('commits now and then, and an idle topic not at all', async () => {
    write('ab');
    let commits = 0;
    kafka.intercept = ({ api }) => {
      if (api === 'offset-commit') commits += 1;
      return 'pass';
    };
    const listener = new Listener(tail('tail', { commitIntervalMs: 500 }));
    await clock.advance(1_100);
    expect(await committed('tail')).toBe('words-0@2');
    await clock.advance(10_000);
    expect(commits).toBe(1);
    await listener.stop();
  });

  it('begins where it is told, once the group has committed nothing', async () => {
    write('ab');
    const listener = new Listener(tail('late', { from: 'latest' }));
    await clock.advance(100);
    write('c');
    await clock.advance(100);
    expect(listener.text).toBe('c');
    await listener.stop();
  });

  it('shares partitions, hands them over without loss or repetition', async () => {
    const a = new Listener(tail());
    await clock.advance(100);
    for (const n of [0, 1, 2, 3]) write('a', n);
    await clock.advance(100);
    const b = new Listener(tail());
    await clock.advance(10_000);
    expect(await members('tail')).toBe(2);
    for (const n of [0, 1, 2, 3]) write('b', n);
    await clock.advance(100);
    expect([a.text, b.text]).toEqual(['aaaabb', 'bb']);
    await a.stop();
    await clock.advance(10_000);
    for (const n of [0, 1, 2, 3]) write('c', n);
    await clock.advance(100);
    expect(b.text).toBe('bbcccc');
    await b.stop();
    expect(clock.timers).toBe(0);
  });

  it('tells what it cannot read, and leaves', async () => {
    const undecodable = topic('words', { ...string(), decode: () => JSON.parse('{') as string });
    write('a');
    const listener = new Listener(topicStream(kafka, undecodable, { groupId: 'g', clock }));
    await clock.advance(100);
    expect([listener.text, await members('g'), clock.timers]).toEqual(['#UNDECODABLE', 0, 0]);
    kafka.unreachable = true;
    const unreachable = new Listener(tail());
    await clock.advance(100);
    expect([unreachable.text, clock.timers]).toEqual(['#BROKER_UNREACHABLE', 0]);
  });

  it('is cut off when the brokers do not let it go', async () => {
    const listener = new Listener(tail());
    write('a');
    await clock.advance(100);
    kafka.unreachable = true;
    listener.subscription.unsubscribe();
    // The cluster itself keeps the member until its session is over.
    await clock.advance(15_000);
    expect(clock.timers).toBe(0);
  });
});
