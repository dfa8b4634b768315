import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { json } from '../../lib/serde/json.ts';
import { string } from '../../lib/serde/string.ts';
import { createRowStore } from '../../lib/state/createRowStore.ts';
import { lmdbStorage } from '../../lib/state/lmdb/index.ts';
import type { TaskStorage } from '../../lib/state/StateStorage.ts';
import { runStoreOps, type StoreOp } from '../../lib/testing/storeModel.ts';
import { awkwardKeys, storeSuite } from '../../lib/testing/storeSuite.ts';
import { inMemory, onStorage, writeRows } from './storesUnderTest.ts';

describe('stores', () => {
  let folder = '';
  let task: TaskStorage;
  beforeAll(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'store-spec-'));
    task = await lmdbStorage({ path: folder }).open('0_0');
  });
  afterAll(async () => {
    await task.close();
    await fs.rm(folder, { recursive: true, force: true });
  });
  const inLmdb = onStorage(async () => task);

  describe('in memory', () => {
    for (const { name, run } of storeSuite(inMemory)) it(name, run);
  });
  describe('in LMDB', () => {
    for (const { name, run } of storeSuite(inLmdb, { sequences: 5 })) it(name, run);
  });

  const place = { major: fc.integer({ min: -1, max: 4 }), minor: fc.integer({ min: 0, max: 1 }) };
  const key = fc.oneof(
    fc.constantFrom(...awkwardKeys),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const op: fc.Arbitrary<StoreOp> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ op: fc.constant('put' as const), key, ...place }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant('delete' as const), key, ...place }) },
    {
      weight: 1,
      arbitrary: fc.record({ op: fc.constant('expire' as const), before: place.major }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        op: fc.constant('read' as const),
        key,
        from: place.major,
        to: place.major,
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        op: fc.constantFrom(
          'begin turn' as const,
          'roll back' as const,
          'freeze' as const,
          'publish' as const,
          'discard' as const,
          'restart' as const,
          'read in order' as const,
          'count' as const,
        ),
      }),
    },
  );
  const options = {
    name: 'rows',
    key: string(),
    value: json<number>(),
    timeIndex: true,
    changelog: true,
  };

  it('in memory equal plain maps, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(op, { maxLength: 60 }), async (ops) =>
        runStoreOps(await inMemory(options), ops),
      ),
      { numRuns: 300, verbose: 1 },
    );
  });

  it('in LMDB equal plain maps, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(op, { maxLength: 40 }), async (ops) =>
        runStoreOps(await inLmdb(options), ops),
      ),
      { numRuns: 60, verbose: 1 },
    );
  });

  it('in LMDB keep a bounded number of rows in memory, and read all', async () => {
    await task.clear('many');
    const many = { ...options, name: 'many' };
    const store = createRowStore(many, task);
    const count = 40_000;
    for (let i = 0; i < count; i++) store.put(`key-${i}`, i % 7, 0, i, i);
    await writeRows(task, 'many', store.freeze());
    store.publish();
    store.beginTurn();
    expect(store.size).toBe(count);
    for (let i = 0; i < count; i += 997) expect(store.get(`key-${i}`, i % 7, 0)?.value).toBe(i);
    expect([...store.byTime(3, 3)]).toHaveLength(Math.ceil((count - 3) / 7));
    store.expire(6);
    expect(store.size).toBe(Math.floor((count - 6 + 6) / 7));
    expect([...store.byTime(-Infinity, 5)]).toEqual([]);
  });

  it('in LMDB show restored rows at once, before the task has written them', async () => {
    await task.clear('rows');
    const first = createRowStore(options, task);
    first.put('a', 1, 0, 1, 1);
    first.put('b', 1, 0, 2, 1);
    first.cell('time').set([5]);
    const rows = first.freeze();
    const second = createRowStore(options, task);
    second.restore(rows);
    expect([...second.range(null, null)].map((row) => row.key)).toEqual(['a', 'b']);
    await writeRows(task, 'rows', rows);
    second.beginTurn();
    expect([...second.range(null, null)].map((row) => row.key)).toEqual(['a', 'b']);
    expect(createRowStore(options, task).cell('time').get()).toEqual([5]);
  });

  it('in LMDB meet each row once though reads and writes go on in a walk', async () => {
    await task.clear('rows');
    const store = createRowStore(options, task);
    for (const k of ['a', 'b', 'c', 'd', 'e']) store.put(k, 0, 0, 1, 1);
    await writeRows(task, 'rows', store.freeze());
    const next = createRowStore(options, task);
    next.put('e', 0, 0, 2, 2);
    const met: string[] = [];
    for (const row of next.range(null, null)) {
      next.get('d', 0, 0);
      next.put(row.key, 0, 0, 9, 9);
      met.push(row.key);
    }
    expect(met).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
