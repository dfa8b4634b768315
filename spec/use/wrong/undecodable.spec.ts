import { describe, expect, it } from '@jest/globals';
import {
  deadLetter,
  type ErrorPolicy,
  type Serde,
  skip,
  stream,
  string,
  to,
  topic,
  topology,
} from 'rxkstreams';
import { type TopologyTest, topologyTest } from 'rxkstreams/testing';

const utf8 = new TextDecoder();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A program that does not know all units yet. */
let known = ['C'];
const degrees: Serde<string> = {
  name: 'degrees',
  encode: bytes,
  decode(read) {
    const text = utf8.decode(read);
    if (known.includes(text.slice(-1))) return text;
    throw new RangeError(`unknown unit ${text.slice(-1)}`);
  },
};

const readings = topic('readings', degrees);
const copies = topic('copies', string());
const dead = topic('dead', string());
const copying = (undecodable?: ErrorPolicy) =>
  topology(() => {
    stream(readings, undecodable === undefined ? {} : { undecodable }).pipe(to(copies));
  });
const three = ['20C', '68F', '21C'].map((value, timestamp) => ({ key: 'hall', value, timestamp }));
const told = (test: TopologyTest): unknown[] => test.read(copies).map(({ value }) => value);

describe('a record that cannot be decoded', () => {
  it('stops the app, and is the first record of the mended program', async () => {
    known = ['C'];
    const test = await topologyTest(copying());
    await expect(test.write(readings, ...three)).rejects.toMatchObject({
      code: 'UNDECODABLE',
      message: expect.stringMatching(
        /readings cannot be decoded: unknown unit F.*errors\.undecodable.*skip or deadLetter/,
      ),
      place: { task: '0_0', topic: 'readings', partition: 0, offset: 1 },
      cause: expect.any(RangeError),
    });
    expect(test.run.app?.state).toBe('error');
    expect(told(test)).toEqual(['20C']);
    expect(await first(test)).toMatchObject({ code: 'UNDECODABLE' });

    known = ['C', 'F'];
    await test.restart();
    // At least once: what came before it in the same commit may come again.
    expect(told(test).slice(-2)).toEqual(['68F', '21C']);
    await test.close();
  });

  it('is skipped on wish, and counted', async () => {
    known = ['C'];
    const test = await topologyTest(copying(), { errors: { undecodable: skip } });
    await test.write(readings, ...three);
    expect(told(test)).toEqual(['20C', '21C']);
    expect(test.run.app?.metrics().recordsDropped).toEqual({ undecodable: 1 });
    await test.close();
  });

  it('goes to a dead-letter topic as it was, its origin and the error in headers', async () => {
    known = ['C'];
    const test = await topologyTest(copying(), {
      errors: { undecodable: deadLetter('dead') },
      topics: { dead: 1 },
    });
    const headers = [['trace', bytes('t1')]] as const;
    await test.write(readings, { key: 'hall', value: '68F', timestamp: 7, headers });
    const [letter] = test.read(dead);
    expect(letter).toMatchObject({ key: 'hall', value: '68F', timestamp: 7 });
    const story = new Map(
      letter?.headers.map(([name, text]) => [name, utf8.decode(text ?? bytes(''))]),
    );
    expect(Object.fromEntries(story)).toMatchObject({
      trace: 't1',
      '__streams.errors.code': 'UNDECODABLE',
      '__streams.errors.exception': 'RangeError',
      '__streams.errors.message': expect.stringContaining('unknown unit F'),
      '__streams.errors.topic': 'readings',
      '__streams.errors.partition': '0',
      '__streams.errors.offset': '0',
      '__streams.errors.timestamp': '7',
      '__streams.errors.task': '0_0',
    });

    // It has been dealt with: the next start begins behind it.
    await test.commit();
    await test.crash();
    await test.restart();
    expect(test.read(dead)).toEqual([]);
    await test.close();
  });

  it('is counted where the app counts what it left out', async () => {
    known = ['C'];
    const errors = { undecodable: deadLetter('dead') };
    const test = await topologyTest(copying(), { errors, topics: { dead: 1 } });
    await test.write(readings, ...three);
    expect(test.run.app?.metrics().recordsDropped).toEqual({ undecodable: 1 });
    await test.close();
  });

  it('may be dealt with for one source alone', async () => {
    known = ['C'];
    const test = await topologyTest(copying(skip));
    await test.write(readings, ...three);
    expect(told(test)).toEqual(['20C', '21C']);
    await test.close();
  });
});

/** The unmended program again: what it stops with. */
async function first(test: TopologyTest): Promise<unknown> {
  return test.restart().then(
    () => 'nothing',
    (error: unknown) => error,
  );
}
