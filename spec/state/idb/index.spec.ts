import { describe, expect, it } from '@jest/globals';
import { IDBFactory } from 'fake-indexeddb';
import { promisifyRequest, set } from 'idb-keyval';
import { sectionPrefix } from '../../../lib/state/checkpointKeys.ts';
import { idbStorage } from '../../../lib/state/idb/index.ts';
import { openDatabase, platform } from '../../../lib/state/idb/platform.ts';
import { storageSuite } from '../../../lib/testing/storageSuite.ts';

describe('idbStorage', () => {
  const cases = storageSuite(async () => {
    const factory = new IDBFactory();
    const open = () => idbStorage({ name: 'shop', indexedDB: factory });
    return {
      storage: open(),
      reopened: async () => open(),
      async garble(task, store) {
        const database = openDatabase(await platform(factory), `shop/${task}`);
        const key = sectionPrefix(store, 'checkpoint') as never;
        await set(key, new Uint8Array(21), database.use);
        await database.close();
      },
    };
  });
  for (const { name, run } of cases) it(name, run);

  it('writes rows and offsets in one transaction: a failing row leaves nothing', async () => {
    const storage = idbStorage({ name: 'one', indexedDB: new IDBFactory() });
    const task = await storage.open('0_0');
    const uncloneable = (() => {}) as unknown as Uint8Array;
    const rows = [
      { key: Uint8Array.of(0, 1), value: Uint8Array.of(1) },
      { key: Uint8Array.of(0, 2), value: uncloneable },
    ];
    const checkpoint = { offset: 1, writtenAtMs: 1 };
    await expect(task.write({ stores: [{ store: 's', rows, checkpoint }] })).rejects.toThrow();
    expect(await task.checkpoint('s')).toBeNull();
    for await (const chunk of task.rows('s')) expect(chunk).toEqual([]);
    await storage.close();
  });

  it('takes a fake one where the platform has none', async () => {
    const storage = idbStorage({ name: 'fake' });
    const task = await storage.open('0_0');
    expect(await task.checkpoint('s')).toBeNull();
    await storage.close();
    expect(typeof promisifyRequest).toBe('function');
  });
});
