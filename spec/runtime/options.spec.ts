import { describe, expect, it } from '@jest/globals';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { mapValuesAsync } from '../../lib/operators/mapValuesAsync.ts';
import { repartitionBy } from '../../lib/operators/repartitionBy.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { type Topology, topology } from '../../lib/topology/Topology.ts';
import { Bench, input, output } from './support/harness.ts';

const guarantees = ['at-least-once', 'exact-state', 'exactly-once'] as const;
const countingInto = (store: ReturnType<typeof keyValueStore<number>>): Topology =>
  topology(() => {
    stream(input).pipe(groupByKey(), count(store));
  });
const through = topology(() => {
  stream(input).pipe(
    repartitionBy('by-value', (value) => value),
    to(output),
  );
});

describe.each(guarantees)('little memory (%s)', (guarantee) => {
  it('only slows down', async () => {
    const bench = new Bench();
    const words = Array.from({ length: 500 }, (_, i) => `${'abc'[i % 3]}x${i}`);
    bench.send('in', words.join(' '));
    const app = await bench.started(
      () => {
        stream(input).pipe(
          repartitionBy('by-key', (_value, key) => key),
          mapValuesAsync(async (value) => value, {
            concurrency: 4,
            order: 'partition',
            timeoutMs: 1000,
          }),
          to(output),
        );
      },
      { guarantee, maxUncommittedBytes: 1000, buffer: { records: 7, bytes: 500 } },
    );
    await bench.settle(20_000);
    expect(bench.read('out', { committed: true })).toBe(words.join(' '));
    await bench.run(app.close());
  });
});

describe('options', () => {
  it('startFrom: a group without offsets begins there', async () => {
    for (const [startFrom, expected] of [
      ['earliest', 'a1 a2 a3'],
      ['latest', 'a3'],
      [{ timestampMs: 5 }, 'a2 a3'],
    ] as const) {
      const bench = new Bench();
      bench.send('in', 'a1@0 a2@10');
      await bench.started(
        () => {
          stream(input).pipe(to(output));
        },
        { startFrom },
      );
      bench.send('in', 'a3@20');
      await bench.settle();
      expect(bench.read('out')).toBe(expected);
    }
  });

  it('formerly: a store that was renamed keeps its rows', async () => {
    const bench = new Bench();
    bench.send('in', 'a1 a2');
    const before = await bench.started(countingInto(keyValueStore('old', number())));
    await bench.settle();
    await bench.run(before.close());
    const renamed = keyValueStore('new', number(), { formerly: 'old' });
    for (let start = 0; start < 2; start++) {
      const after = await bench.started(countingInto(renamed));
      bench.send('in', 'a3');
      await bench.settle();
      expect(await after.store(renamed).get('a')).toBe(3 + start);
      await bench.run(after.close());
    }
    expect(bench.kafka.topics()).not.toContain('app-new-changelog');
  });

  it('internalTopics: configuration, or that they are there already', async () => {
    const bench = new Bench();
    await bench.started(through, { internalTopics: { config: { 'segment.bytes': '1000000' } } });
    const { admin } = await bench.kafka.connect();
    expect(await admin.describeConfigs('app-by-value-repartition')).toMatchObject({
      'cleanup.policy': 'delete',
      'retention.ms': '-1',
      'message.timestamp.type': 'CreateTime',
      'segment.bytes': '1000000',
    });
    const other = bench.app(through, { applicationId: 'app2', internalTopics: { manage: false } });
    await expect(bench.run(other.start())).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
  });

  it('a repartition whose partition count no longer fits is an error', async () => {
    const bench = new Bench();
    bench.kafka.createTopic({ topic: 'app-by-value-repartition', partitions: 3 });
    await expect(bench.run(bench.app(through).start())).rejects.toMatchObject({
      code: 'NOT_COPARTITIONED',
      message: expect.stringContaining('must have 1 partitions, it has 3'),
    });
  });
});

describe('a repartition topic', () => {
  it('is purged of what is committed', async () => {
    const bench = new Bench();
    await bench.started(through);
    bench.send('in', 'a1 a2');
    await bench.settle(40_000);
    bench.send('in', 'a3');
    await bench.settle();
    const left = bench.kafka.records('app-by-value-repartition', 0).map(({ offset }) => offset);
    expect(left).toEqual([2]);
    expect(bench.read('out')).toBe('11 22 33');
  });
});

describe('a topic chosen for each record', () => {
  it('is looked up once, and named when it does not exist', async () => {
    const bench = new Bench({ in: 1, odd: 1, even: 2 });
    const app = await bench.started(() => {
      stream(input).pipe(
        to((record) => ({ '1': 'odd', '2': 'even' })[record.value ?? ''] ?? 'nowhere', {
          key: input.key,
          value: input.value,
        }),
      );
    });
    bench.send('in', 'a1 b2 c1');
    await bench.settle();
    expect(bench.read('odd')).toBe('a1 c1');
    expect(bench.read('even') + bench.read('even', { partition: 1 })).toBe('b2');
    bench.send('in', 'a9');
    await bench.settle();
    expect(app.state).toBe('error');
    expect(bench.errors[0]).toMatchObject({ code: 'UNKNOWN_TOPIC' });
    expect(bench.errors[0]?.message).toContain("'nowhere'");
  });
});
