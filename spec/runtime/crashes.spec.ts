import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aggregate } from '../../lib/operators/aggregate.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { repartitionBy } from '../../lib/operators/repartitionBy.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import type { KafkaStreams } from '../../lib/runtime/KafkaStreams.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { string } from '../../lib/serde/string.ts';
import { memoryStorage } from '../../lib/state/memoryStorage.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { Bench, input, output } from './support/harness.ts';

const texts = keyValueStore('texts', string());
/** Two sub-topologies: each record's value joins the text of its key. */
const joining = topology(() => {
  stream(input).pipe(
    repartitionBy('by-key', (_value, key) => key),
    groupByKey(),
    aggregate(
      texts,
      () => '',
      (_key, value, text) => `${text}${value}.`,
    ),
    toStream(),
    to(output),
  );
});

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('send'), key: fc.constantFrom('a', 'b', 'c') }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.nat({ max: 300 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constantFrom('kill', 'lose disk', 'stop', 'fence') }),
    },
  ),
  { maxLength: 25 },
);

/** What the app made of it: the last text of each key, and all it wrote. */
async function lived(
  guarantee: 'at-least-once' | 'exact-state' | 'exactly-once',
  script: readonly { do: string; key?: string; ms?: number }[],
): Promise<{
  sent: Map<string, string[]>;
  written: Map<string, string[]>;
  texts: Map<string, string>;
}> {
  const bench = new Bench({ in: 2, out: 1 });
  let state = memoryStorage();
  const sent = new Map<string, string[]>();
  const start = async (): Promise<KafkaStreams> =>
    bench.started(joining, { guarantee, instanceId: 'one', state });
  let app = await start();
  let n = 0;
  for (const step of script) {
    if (step.do === 'send') {
      const key = step.key as string;
      sent.set(key, [...(sent.get(key) ?? []), String(n)]);
      bench.send('in', `${key}${n}@${n}`, { partition: key.charCodeAt(0) % 2 });
      n += 1;
    } else if (step.do === 'wait') await bench.settle(step.ms);
    else if (step.do === 'fence') {
      const rival = await bench.kafka.connect();
      await rival.producer({ transactionalId: 'app-one-0' }).init();
    } else {
      if (step.do === 'stop') await bench.run(app.close());
      else app.kill();
      if (step.do === 'lose disk') state = memoryStorage();
      await bench.settle(1);
      app = await start();
    }
  }
  await bench.settle(10_000);
  expect(app.state).toBe('running');
  const all = new Map((await app.store(texts).all()).map(({ key, value }) => [key, value]));
  const written = new Map<string, string[]>();
  for (const word of bench.read('out', { committed: true }).split(' ').filter(Boolean)) {
    written.set(word[0] as string, [...(written.get(word[0] as string) ?? []), word.slice(1)]);
  }
  await bench.run(app.close());
  return { sent, written, texts: all };
}

/** '0.' then '0.3.' and so on. */
const growing = (values: readonly string[]): string[] =>
  values.map((_, i) =>
    values
      .slice(0, i + 1)
      .map((value) => `${value}.`)
      .join(''),
  );

describe('whatever happens', () => {
  it('exactly once: state and outputs are as if nothing had', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const { sent, written, texts: kept } = await lived('exactly-once', script);
        for (const [key, values] of sent) {
          expect(kept.get(key)).toBe(growing(values).at(-1));
          expect(written.get(key)).toEqual(growing(values));
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('exact state: outputs may repeat, state is as if nothing had', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const { sent, written, texts: kept } = await lived('exact-state', script);
        for (const [key, values] of sent) {
          expect(kept.get(key)).toBe(growing(values).at(-1));
          expect(new Set(written.get(key))).toEqual(new Set(growing(values)));
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('at least once: nothing is lost', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const { sent, texts: kept } = await lived('at-least-once', script);
        for (const [key, values] of sent) {
          const seen = new Set(kept.get(key)?.split('.'));
          for (const value of values) expect(seen).toContain(value);
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
