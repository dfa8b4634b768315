import { describe, expect, it } from '@jest/globals';
import type { Database } from 'lmdb';
import { LmdbTaskStorage } from '../../../lib/state/lmdb/LmdbTaskStorage.ts';

/** A database on a full disk: as LMDB does, it tells why by a promise on its error. */
class FullDisk {
  put(): void {}
  getBinary(): undefined {}
  async batch(write: () => void): Promise<boolean> {
    write();
    const commitError = Promise.reject(new Error('No space left on device'));
    commitError.catch(() => {});
    throw Object.assign(new Error('Commit failed (see commitError for details)'), { commitError });
  }
  resetReadTxn(): void {}
  /** It waits for the commit that failed. */
  close(): Promise<void> {
    return new Promise(() => {});
  }
}

describe('a checkpoint that cannot be written', () => {
  it('says why and where, and is closed all the same', async () => {
    const db = new FullDisk() as unknown as Database<Uint8Array, Uint8Array>;
    let isUnlocked = false;
    const storage = new LmdbTaskStorage(db, '0_0', '/data/0_0', async () => {
      isUnlocked = true;
    });
    const rows = [{ key: Uint8Array.of(0, 1), value: Uint8Array.of(2) }];
    const checkpoint = { offset: 1, writtenAtMs: 0 };
    const written = storage.write({ stores: [{ store: 's', rows, checkpoint }] });
    await expect(written).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringMatching(/\/data\/0_0 cannot be written: No space left.*Make room/),
      place: { task: '0_0' },
    });
    await storage.close();
    expect(isUnlocked).toBe(true);
  });
});
