import { describe, expect, it } from '@jest/globals';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { keyValueStore } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { memoryStorage } from '../../lib/state/memoryStorage.ts';
import { topology } from '../../lib/topology/Topology.ts';
import { Bench, input, output } from './support/harness.ts';

const counts = keyValueStore('counts', number());
const counting = topology(() => {
  const records = stream(input);
  records.pipe(groupByKey(), count(counts));
  records.pipe(to(output));
});
const guarantees = ['at-least-once', 'exact-state', 'exactly-once'] as const;

describe('a broker that cannot be reached for a while', () => {
  it.each(guarantees)('is waited for (%s)', async (guarantee) => {
    const bench = new Bench();
    const app = await bench.started(counting, { guarantee });
    bench.send('in', 'a1');
    await bench.settle();
    bench.kafka.unreachable = true;
    await bench.settle(3000);
    bench.send('in', 'a2');
    await bench.settle(3000);
    bench.kafka.unreachable = false;
    await bench.settle(30_000);
    expect(app.state).toBe('running');
    expect(await app.store(counts).get('a')).toBe(2);
    expect(bench.errors.length).toBeGreaterThan(0);
    await bench.run(app.close());
  });
});

describe('a group that went on without us', () => {
  it.each(guarantees)('is joined again, from what is committed (%s)', async (guarantee) => {
    const bench = new Bench();
    const app = await bench.started(counting, { guarantee });
    bench.send('in', 'a1');
    await bench.settle();
    bench.kafka.intercept = ({ api }) => (api === 'heartbeat' ? 'fail' : 'pass');
    await bench.settle(20_000);
    bench.kafka.intercept = null;
    bench.send('in', 'a2');
    await bench.settle(20_000);
    expect(app.state).toBe('running');
    // At least once: what that one commit held may count again, and no more.
    const count = (await app.store(counts).get('a')) as number;
    expect(guarantee === 'at-least-once' ? [2, 3] : [2]).toContain(count);
    await bench.run(app.close());
  });
});

describe('a transaction that its owner left open', () => {
  it('is ended by who takes over', async () => {
    const bench = new Bench();
    const o = { guarantee: 'exactly-once', autoCommit: false } as const;
    const gone = await bench.started(counting, { ...o, transactionTimeoutMs: 900_000 });
    bench.send('in', 'a1');
    await bench.settle();
    await bench.run(gone.commit());
    bench.send('in', 'a2');
    await bench.settle();
    gone.kill();
    const heir = bench.app(counting, { ...o, autoCommit: true });
    const started = heir.start();
    await bench.settle(30_000);
    await started;
    expect(await heir.store(counts).get('a')).toBe(2);
    expect(bench.read('out', { committed: true })).toBe('a1 a2');
    await bench.run(heir.close());
  });
});

describe('records that retention took away', () => {
  it('are told of, and passed over', async () => {
    const bench = new Bench();
    const state = memoryStorage();
    const app = await bench.started(counting, { state });
    bench.send('in', 'a1');
    await bench.settle();
    await bench.run(app.close());
    bench.send('in', 'a2 a3');
    const { admin } = await bench.kafka.connect();
    await admin.deleteRecords([{ topic: 'in', partition: 0, offset: 2 }]);
    const again = await bench.started(counting, { state });
    await bench.settle();
    expect(bench.errors[0]).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    expect(await again.store(counts).get('a')).toBe(2);
  });
});

describe('close', () => {
  it('gives up after its time', async () => {
    const bench = new Bench();
    const app = await bench.started(counting);
    bench.kafka.intercept = ({ api }) => (api === 'offset-commit' ? { delayMs: 60_000 } : 'pass');
    bench.send('in', 'a1');
    await bench.settle(100);
    const closed = app.close({ timeoutMs: 500 });
    await expect(bench.run(closed)).rejects.toMatchObject({ code: 'CLOSE_TIMEOUT' });
    expect(app.state).toBe('closed');
  });

  it('may come before the start has ended, and twice', async () => {
    const bench = new Bench();
    const app = bench.app(counting);
    const started = app.start();
    const outcome = started.catch((error: unknown) => error);
    await bench.run(app.close());
    await bench.run(app.close());
    expect(await outcome).toMatchObject({ code: 'CLIENT_CLOSED' });
    await expect(app.start()).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
  });
});
