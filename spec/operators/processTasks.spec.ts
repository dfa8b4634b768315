import { describe, expect, it } from '@jest/globals';
import type { ProcessorContext } from '../../lib/operators/internal/processing.ts';
import { process } from '../../lib/operators/process.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { keyValueStore, topic } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { topologyTest } from '../../lib/testing/topologyTest.ts';
import { topology } from '../../lib/topology/Topology.ts';

const input = topic('in', json<number>());
const out = topic('out', json<unknown>());
const counts = keyValueStore('counts', json<number>());
const at = (key: string, timestamp: number) => ({ key, value: 1, timestamp });
type Context = ProcessorContext<string, unknown>;

/** Counts, and tells all counts every `intervalMs`. */
const counting = (time: 'stream' | 'wall-clock', intervalMs: number, anchorMs?: number) =>
  topology(() => {
    stream(input).pipe(
      process(
        (context: Context) => {
          const rows = context.store(counts);
          const anchor = anchorMs === undefined ? {} : { anchorMs };
          context.schedule({ time, intervalMs, ...anchor }, (now) => {
            for (const { key, value } of rows.all()) {
              context.forward({ key, value, timestamp: now });
            }
          });
          return {
            process: ({ key, timestamp }) =>
              rows.put(key, (rows.get(key)?.value ?? 0) + 1, timestamp),
          };
        },
        { stores: [counts] },
      ),
      to(out),
    );
  });

const shown = (test: Awaited<ReturnType<typeof topologyTest>>): string[] =>
  test.read(out).map(({ key, value, timestamp }) => `${key}=${value}@${timestamp}`);

describe('process in tasks', () => {
  it('punctuations on stream time keep their rhythm across a crash', async () => {
    const test = await topologyTest(counting('stream', 10));
    await test.write(input, at('a', 4));
    expect(shown(test)).toEqual(['a=1@4']);
    await test.commit();
    await test.crash();
    await test.restart();
    await test.write(input, at('a', 9));
    expect(shown(test)).toEqual([]);
    await test.write(input, at('b', 31));
    expect(shown(test)).toEqual(['a=2@31', 'b=1@31']);
    await test.close();
  });

  it('punctuations on wall-clock time need no records, and keep to the anchor', async () => {
    const test = await topologyTest(counting('wall-clock', 1000, 250));
    const start = test.run.clock.now();
    await test.write(input, at('a', 4));
    await test.advance(2500);
    const expected = [250, 1250, 2250].map((time) => `a=1@${start + time}`);
    expect(shown(test)).toEqual(expected);
    await test.close();
  });

  it('two processors may share a store', async () => {
    const test = await topologyTest(
      topology(() => {
        const all = stream(input);
        const writing = (context: Context) => ({
          process: ({ key, value, timestamp }: { key: string; value: number; timestamp: number }) =>
            context.store(counts).put(key, value, timestamp),
        });
        const reading = (context: Context) => ({
          process: ({ key }: { key: string }) =>
            context.forward({ key, value: context.store(counts).get(key)?.value ?? null }),
        });
        all.pipe(process(writing, { name: 'writes', stores: [counts] }));
        all.pipe(process(reading, { name: 'reads', stores: [counts] }), to(out));
      }),
    );
    await test.write(input, { key: 'a', value: 7, timestamp: 1 });
    expect(shown(test)).toEqual(['a=7@1']);
    expect(await test.run.app?.store(counts, { view: 'current' }).get('a')).toBe(7);
    await test.close();
  });

  it('what a record changed before its processor threw is undone', async () => {
    const test = await topologyTest(
      topology(() => {
        stream(input).pipe(
          process(
            (context: Context) => ({
              process: ({ key, value, timestamp }) => {
                const rows = context.store(counts);
                const sum = (rows.get(key)?.value ?? 0) + value;
                rows.put(key, sum, timestamp);
                if (value < 0) throw new Error('negative');
                context.forward({ key, value: sum });
              },
            }),
            { stores: [counts] },
          ),
          to(out),
        );
      }),
      { errors: { processing: { policy: 'continue' } } },
    );
    for (const value of [3, -5, 4]) await test.write(input, { key: 'a', value, timestamp: 1 });
    expect(shown(test)).toEqual(['a=3@1', 'a=7@1']);
    await test.close();
  });
});

describe('a processor that cannot start', () => {
  it.each([
    [
      'in the function that makes it',
      () => {
        throw new Error('no key for the vault');
      },
    ],
    [
      'in its init',
      () => ({
        init: () => {
          throw new Error('no key for the vault');
        },
        process: () => {},
      }),
    ],
  ])('%s: tells where and why', async (_, make) => {
    const made = topologyTest(
      topology(() => {
        stream(input).pipe(process<string, number, string, unknown>(make as never), to(out));
      }),
    );
    await expect(made).rejects.toMatchObject({
      code: 'PROCESSING_FAILED',
      message: expect.stringMatching(/process#\d+ could not start: no key for the vault\. Mend/),
      place: { task: '0_0', node: expect.stringContaining('process') },
    });
  });
});
