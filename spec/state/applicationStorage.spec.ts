import { describe, expect, it } from '@jest/globals';
import { applicationStorage } from '../../lib/state/applicationStorage.ts';
import { memoryStorage } from '../../lib/state/memoryStorage.ts';
import { storageSuite } from '../../lib/testing/storageSuite.ts';

describe('applicationStorage', () => {
  const cases = storageSuite(async () => {
    const storage = applicationStorage(memoryStorage(), 'shop');
    return { storage, reopened: async () => storage };
  });
  for (const { name, run } of cases) it(name, run);

  it('keeps two applications on one storage apart, whatever their names', async () => {
    const shared = memoryStorage();
    const names = ['a', 'a-0_1', 'b'];
    const storages = names.map((name) => applicationStorage(shared, name));
    for (const [n, storage] of storages.entries()) {
      const task = await storage.open('0_0');
      const rows = [{ key: Uint8Array.of(0, 1), value: Uint8Array.of(n) }];
      const checkpoint = { offset: n, writtenAtMs: 0 };
      await task.write({ stores: [{ store: 's', rows, checkpoint }] });
      await task.close();
    }
    await storages[2]?.wipe('0_0');
    const found: unknown[] = [];
    for (const storage of storages) {
      const task = await storage.open('0_0');
      found.push((await task.checkpoint('s'))?.offset ?? null);
      await task.close();
    }
    expect(found).toEqual([0, 1, null]);
    const tasks = await Promise.all(storages.slice(0, 2).map((storage) => storage.tasks()));
    expect(tasks).toEqual([['0_0'], ['0_0']]);
  });
});
