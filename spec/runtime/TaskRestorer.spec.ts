import { describe, expect, it } from '@jest/globals';
import { StateCorruptError } from '../../lib/errors.ts';
import { aggregate } from '../../lib/operators/aggregate.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { stream } from '../../lib/operators/stream.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { string } from '../../lib/serde/string.ts';
import { memoryStorage } from '../../lib/state/memoryStorage.ts';
import type { StateStorage } from '../../lib/state/StateStorage.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { Bench, input } from './support/harness.ts';

const texts = keyValueStore('texts', string());
const adding = topology(() => {
  stream(input).pipe(
    groupByKey(),
    aggregate(
      texts,
      () => '',
      (_key, value, text) => text + value,
    ),
  );
});
const changelog = 'app-texts-changelog';

/** An app has written a=12 and stopped; its checkpoint is in `state`. */
async function written(state: StateStorage): Promise<Bench> {
  const bench = new Bench();
  const app = await bench.started(adding, { state });
  bench.send('in', 'a1 a2');
  await bench.settle();
  await bench.run(app.close());
  return bench;
}
const restored = (bench: Bench): string | undefined =>
  bench.logged
    .filter((line) => line.includes('restored'))
    .at(-1)
    ?.split('texts: ')[1];

describe('a checkpoint', () => {
  it('spares the changelog', async () => {
    const state = memoryStorage();
    const bench = await written(state);
    const app = await bench.started(adding, { state });
    expect(restored(bench)).toBe('1 rows of the checkpoint, 0 changelog records replayed');
    expect(await app.store(texts).get('a')).toBe('12');
  });

  it('is followed by the tail of the changelog', async () => {
    const state = memoryStorage();
    const bench = await written(state);
    const elsewhere = await bench.started(adding);
    bench.send('in', 'a3');
    await bench.settle();
    await bench.run(elsewhere.close());
    const app = await bench.started(adding, { state });
    expect(restored(bench)).toBe('1 rows of the checkpoint, 1 changelog records replayed');
    expect(await app.store(texts).get('a')).toBe('123');
  });

  it('that is corrupt is told, and the changelog used', async () => {
    const state = memoryStorage();
    const bench = await written(state);
    let broken = true;
    const corrupt: StateStorage = {
      ...state,
      async open(task) {
        const storage = await state.open(task);
        return {
          checkpoint: (store) => storage.checkpoint(store),
          rows: (store) => {
            if (!broken) return storage.rows(store);
            broken = false;
            throw new StateCorruptError('the checkpoint of texts cannot be read');
          },
          write: (batch) => storage.write(batch),
          clear: (store) => storage.clear(store),
          close: () => storage.close(),
        };
      },
    };
    const app = await bench.started(adding, { state: corrupt });
    expect(bench.errors).toMatchObject([{ code: 'STATE_CORRUPT' }]);
    expect(restored(bench)).toBe('0 rows of the checkpoint, 1 changelog records replayed');
    expect(await app.store(texts).get('a')).toBe('12');
  });

  it('that is beyond the changelog is told, and thrown away', async () => {
    const state = memoryStorage();
    const bench = await written(state);
    const admin = (await bench.kafka.connect()).admin;
    await admin.deleteTopics([changelog]);
    const app = await bench.started(adding, { state });
    expect(bench.errors[0]?.message).toContain('the changelog ends at 0');
    expect(await app.store(texts).get('a')).toBeUndefined();
  });

  it('that is older than deletions are kept is told, and thrown away', async () => {
    const state = memoryStorage();
    const bench = await written(state);
    const elsewhere = await bench.started(adding, {});
    bench.send('in', 'b3');
    await bench.settle();
    await bench.run(elsewhere.close());
    await bench.clock.advance(90_000_000);
    const app = await bench.started(adding, { state });
    expect(bench.errors[0]?.message).toContain('delete.retention.ms');
    expect(restored(bench)).toContain('0 rows of the checkpoint');
    expect(await app.store(texts).get('a')).toBe('12');
    expect(await app.store(texts).get('b')).toBe('3');
  });
});

describe('a changelog', () => {
  it('with a row that cannot be decoded ends the app', async () => {
    const bench = await written(memoryStorage());
    bench.kafka.append(changelog, 0, {
      key: new Uint8Array([0, 97]),
      value: new Uint8Array([77, 1, 2]),
      timestamp: 0,
    });
    const app = bench.app(adding);
    await expect(bench.run(app.start())).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
    expect(app.state).toBe('error');
  });

  it('is compacted, and holds what Kafka appended and when', async () => {
    const bench = await written(memoryStorage());
    const { admin } = await bench.kafka.connect();
    expect(await admin.describeConfigs(changelog)).toMatchObject({
      'cleanup.policy': 'compact',
      'message.timestamp.type': 'LogAppendTime',
    });
  });
});
