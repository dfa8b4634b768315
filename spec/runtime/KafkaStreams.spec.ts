import { describe, expect, it } from '@jest/globals';
import { memoryKafka } from '../../lib/client/memory/MemoryKafka.ts';
import { produce } from '../../lib/client/produce.ts';
import type { StreamsError } from '../../lib/errors.ts';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { mapValues } from '../../lib/operators/mapValues.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import { KafkaStreams } from '../../lib/runtime/KafkaStreams.ts';
import { keyValueStore, topic } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { string } from '../../lib/serde/string.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { Bench } from './support/harness.ts';

const words = topic('words', string());
const counts = topic('counts', number());
const store = keyValueStore('words-counted', number());
const counting = topology(() => {
  stream(words).pipe(groupByKey(), count(store), toStream(), to(counts));
});

describe('KafkaStreams', () => {
  it('counts, commits, closes, and goes on where it stopped', async () => {
    const client = memoryKafka({ topics: { words: 2, counts: 2 } });
    await produce(
      client,
      words,
      [...'abcabca'].map((key, timestamp) => ({ key, value: key, timestamp })),
    );
    const app = new KafkaStreams(counting, { applicationId: 'app', client });
    const states: string[] = [];
    app.state$.subscribe((state) => states.push(state));
    await app.start();
    await app.idle();
    expect((await app.store(store).all()).map(({ key, value }) => `${key}${value}`).sort()).toEqual(
      ['a3', 'b2', 'c2'],
    );
    await app.close();
    expect(states).toEqual(['created', 'rebalancing', 'running', 'closing', 'closed']);

    await produce(client, words, [{ key: 'a', value: 'a', timestamp: 8 }]);
    const again = new KafkaStreams(counting, { applicationId: 'app', client });
    await again.start();
    await again.idle();
    expect(await again.store(store).get('a')).toBe(4);
    await again.close();
  });

  it('ended() resolves when it is closed, and rejects with what ended it before', async () => {
    const bench = new Bench({ words: 1, counts: 1 });
    const first = await bench.started(counting);
    const ends = first.ended();
    await bench.run(first.close());
    await ends;

    const failing = topology(() => {
      stream(words).pipe(
        mapValues(() => {
          throw new Error('boom');
        }),
        to(counts),
      );
    });
    const app = await bench.started(failing, { applicationId: 'failing' });
    const outcome = app.ended().then(
      () => 'closed',
      (error: StreamsError) => error.code,
    );
    bench.send('words', 'a1');
    await bench.settle();
    expect(await outcome).toBe('PROCESSING_FAILED');
    await expect(app.ended()).rejects.toThrow('boom');
  });
});
