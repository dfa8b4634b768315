import { describe, it } from '@jest/globals';
import { memoryStorage } from '../../lib/state/memoryStorage.ts';
import { storageSuite } from '../../lib/testing/storageSuite.ts';

describe('memoryStorage', () => {
  const cases = storageSuite(async () => {
    const storage = memoryStorage();
    return { storage, reopened: async () => storage };
  });
  for (const { name, run } of cases) it(name, run);
});
