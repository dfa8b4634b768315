import { describe, expect, it } from '@jest/globals';
import { aggregate } from '../../lib/operators/aggregate.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { stream } from '../../lib/operators/stream.ts';
import { table } from '../../lib/operators/table.ts';
import { to } from '../../lib/operators/to.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { string } from '../../lib/serde/string.ts';
import { memoryStorage } from '../../lib/state/memoryStorage.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { Bench, input, output } from './support/harness.ts';

const texts = keyValueStore('texts', string());
/** Each record's value is added to its key's text. */
const adding = topology(() => {
  stream(input).pipe(
    groupByKey(),
    aggregate(
      texts,
      () => '',
      (_key, value, text) => text + value,
    ),
    toStream(),
    to(output),
  );
});
const guarantees = ['at-least-once', 'exact-state', 'exactly-once'] as const;

describe.each(guarantees)('%s', (guarantee) => {
  const o = { guarantee, instanceId: 'one', autoCommit: false };

  it('goes on after a clean stop as if there had been none', async () => {
    const bench = new Bench();
    const state = memoryStorage();
    bench.send('in', 'a1 b2');
    const app = await bench.started(adding, { ...o, autoCommit: true, state });
    await bench.settle();
    await bench.run(app.close());
    bench.send('in', 'a3');
    await bench.started(adding, { ...o, autoCommit: true, state });
    await bench.settle();
    expect(bench.read('out', { committed: true })).toBe('a1 b2 a13');
    expect(bench.logged).toContain(
      'app: task 0_0: restored texts: 2 rows of the checkpoint, 0 changelog records replayed',
    );
  });

  it('takes the records since the last commit again after a crash', async () => {
    const bench = new Bench();
    const state = memoryStorage();
    const app = await bench.started(adding, { ...o, state });
    bench.send('in', 'a1');
    await bench.settle();
    await bench.run(app.commit());
    bench.send('in', 'a2');
    await bench.settle();
    app.kill();
    await bench.settle();
    const again = await bench.started(adding, { ...o, state });
    await bench.settle();
    await bench.run(again.commit());
    expect(await again.store(texts).get('a')).toBe('12');
    const repeated = guarantee === 'exactly-once' ? 'a1 a12' : 'a1 a12 a12';
    expect(bench.read('out', { committed: true })).toBe(repeated);
  });

  it('restores from the changelog alone when the disk is lost', async () => {
    const bench = new Bench();
    bench.send('in', 'a1 b2 a3');
    const app = await bench.started(adding, { ...o, autoCommit: true });
    await bench.settle();
    app.kill();
    await bench.settle();
    const again = await bench.started(adding, o);
    expect(await again.store(texts).get('a')).toBe('13');
    expect(await again.store(texts).get('b')).toBe('2');
    expect(bench.logged.at(-2)).toContain('0 rows of the checkpoint, 2 changelog records replayed');
  });

  it('goes back to what is committed when a commit fails', async () => {
    const bench = new Bench();
    const app = await bench.started(adding, o);
    bench.send('in', 'a1');
    await bench.settle();
    await bench.run(app.commit());
    bench.send('in', 'a2');
    await bench.settle();
    if (guarantee === 'at-least-once') {
      let broken = 1;
      bench.kafka.intercept = ({ api }) =>
        api === 'offset-commit' && broken-- > 0 ? 'fail' : 'pass';
    } else {
      const rival = await bench.kafka.connect();
      await rival.producer({ transactionalId: 'app-one-0' }).init();
    }
    const failed = app.commit().catch((error: unknown) => error);
    await bench.settle(3000);
    bench.kafka.intercept = null;
    await failed;
    await bench.settle();
    await bench.run(app.commit());
    expect(app.state).toBe('running');
    expect(bench.read('app-texts-changelog', { committed: true }).length).toBeGreaterThan(0);
    const text = await app.store(texts).get('a');
    // The changelog was acknowledged, the offsets were not: at least once counts again what that
    // commit held.
    expect(text).toBe(guarantee === 'at-least-once' ? '122' : '12');
  });
});

describe('a table whose topic is its changelog', () => {
  it('is restored from the topic, up to what was taken', async () => {
    const bench = new Bench({ in: 1, out: 1 });
    bench.send('in', 'a1 b2 a3 b~');
    const rows = keyValueStore('rows', string());
    const asTable = topology(() => {
      table(input, { store: rows }).pipe(toStream(), to(output));
    });
    const app = await bench.started(asTable);
    await bench.settle();
    await bench.run(app.close());
    bench.send('in', 'c4');
    const again = await bench.started(asTable);
    await bench.settle();
    expect(bench.read('out')).toBe('a1 b2 a3 b~ c4');
    expect((await again.store(rows).all()).map(({ key, value }) => key + value)).toEqual([
      'a3',
      'c4',
    ]);
  });
});
