import { describe, expect, it } from '@jest/globals';
import { map } from 'rxjs';
import {
  count,
  deadLetter,
  foreach,
  groupByKey,
  int64,
  joinWindows,
  KafkaStreams,
  type KafkaStreamsOptions,
  keyValueStore,
  mapValues,
  mapValuesAsync,
  memoryKafka,
  type ProcessorContext,
  process,
  produce,
  skip,
  stream,
  string,
  type Topology,
  table,
  to,
  topic,
  topology,
  windowStore,
} from 'rxkstreams';

const words = topic('words', string());
const copies = topic('copies', string());
const counts = keyValueStore('counts', int64());
const copy = topology(() => {
  stream(words).pipe(to(copies));
});
const counting = topology(() => {
  stream(words).pipe(groupByKey(), count(counts));
});

function appOf(of: Topology, more: object = {}): KafkaStreams {
  const client = memoryKafka({ topics: { words: 1, copies: 1 } });
  return new KafkaStreams(of, { applicationId: 'app', client, ...more } as KafkaStreamsOptions);
}
/** What a JavaScript program, or one with a cast, may hand over. */
function whatever(value: unknown): never {
  return value as never;
}

/** Writes a record, waits; answers the code the app ended with, or null. */
async function outcome(factory: () => void, more: object = {}): Promise<string | null> {
  const client = memoryKafka({ topics: { words: 1, copies: 1 } });
  const app = appOf(topology(factory), { client, ...more });
  app.errors$.subscribe(() => undefined);
  await app.start();
  await produce(client, words, [{ key: 'a', value: 'x', timestamp: 0 }]);
  try {
    await app.idle();
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await app.close();
  }
}
const throwing = (): void => {
  const mend = (): string => {
    throw new Error('boom');
  };
  stream(words).pipe(mapValues(mend), to(copies));
};

describe('an option that is none', () => {
  it.each([
    ['guarantee by another name', { garantee: 'exactly-once' }, 'no option garantee'],
    ['a policy as a word', { errors: { processing: 'skip' } }, "errors.processing is 'skip'"],
    [
      'a policy not called',
      { errors: { processing: deadLetter } },
      'errors.processing is no policy',
    ],
    [
      'a handler by another name',
      { errors: { proccessing: skip } },
      'no option errors.proccessing',
    ],
    ['a start that is none', { startFrom: 'begin' }, "startFrom is 'begin'"],
    ['a path as state', { state: './state' }, "state is './state'"],
    ['not a number', { commitIntervalMs: Number.NaN }, 'commitIntervalMs is NaN'],
  ])('%s', (_what, more, message) => {
    expect(() => appOf(copy, more)).toThrow(message);
  });

  it('a factory in place of a topology', () => {
    expect(() => appOf(whatever(() => undefined))).toThrow('Hand it what topology(');
  });
});

describe('a handle that is none', () => {
  const planned = (factory: () => void) => (): Topology => topology(factory);
  it.each([
    ['stream of a name', planned(() => stream(whatever('words'))), "the name 'words', not a topic"],
    ['table of nothing', planned(() => table(whatever(undefined))), 'undefined, not a topic'],
    [
      'to a name',
      planned(() => stream(words).pipe(to(whatever('o')))),
      "the name 'o', not a topic",
    ],
    ['no name', () => topic('', string()), "the name is ''"],
    ['a name with a space', () => keyValueStore('my store', int64()), "the name is 'my store'"],
    ['a serde not called', () => topic('words', whatever(string)), 'call it, as in string()'],
    ['no serde', () => keyValueStore('counts', whatever(undefined)), 'the serde is undefined'],
    [
      'windows of a join without a name',
      () => joinWindows(whatever({ beforeMs: 0, afterMs: 1, graceMs: 0 })),
      'it has no name',
    ],
    [
      'an order that is none',
      () =>
        mapValuesAsync(async () => 1, {
          concurrency: 1,
          order: whatever('keys'),
          timeoutMs: 1,
        }),
      'order is keys',
    ],
  ])('%s', (_what, make, message) => {
    expect(make).toThrow(message);
  });

  it('a store asked by its name', () => {
    expect(() => appOf(counting).store(whatever('counts'))).toThrow('It has: counts.');
  });

  it('a store asked by a handle of another kind', () => {
    expect(() => appOf(counting).store(windowStore('counts', int64()))).toThrow(
      "The store 'counts' is a key-value store",
    );
  });
});

it('a record that map made anew is refused', async () => {
  const anew = (): void => {
    stream(words).pipe(
      map(({ key, value }) => whatever({ key, value })),
      to(copies),
    );
  };
  expect(await outcome(anew)).toBe('PROCESSING_FAILED');
});

describe('work that nothing would wait for', () => {
  it.each([
    [
      'an async processor',
      () =>
        stream(words).pipe(
          process(() => ({
            async process(): Promise<void> {
              throw new Error('unheard');
            },
          })),
          foreach(() => undefined),
        ),
    ],
    ['an async effect', () => stream(words).pipe(foreach(async () => undefined))],
  ])('%s is refused, and no handler may skip it', async (_what, factory) => {
    expect(await outcome(factory, { errors: { processing: skip } })).toBe('OUT_OF_TURN');
  });
});

describe('intervals', () => {
  it.each([[{ time: 'stream', intervalMs: 0 }], [{ time: 'wallclock', intervalMs: 10 }]])(
    '%j is refused',
    async (schedule) => {
      const app = appOf(
        topology(() => {
          stream(words).pipe(
            process((context: ProcessorContext<string, string>) => {
              context.schedule(whatever(schedule), () => undefined);
              return { process: () => undefined };
            }),
            to(copies),
          );
        }),
      );
      await expect(app.start()).rejects.toMatchObject({ code: 'INVALID_OPTION' });
      await app.close();
    },
  );
});

describe('the life of an app', () => {
  it('started twice it starts once', async () => {
    const app = appOf(copy);
    await Promise.all([app.start(), app.start()]);
    await app.start();
    expect(app.state).toBe('running');
    await app.close();
    await expect(app.start()).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
  });

  it('idle() before start() does not wait for ever', async () => {
    await expect(appOf(copy).idle()).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
  });

  it('idle() rejects with what ended the app', async () => {
    expect(await outcome(throwing)).toBe('PROCESSING_FAILED');
  });
});
