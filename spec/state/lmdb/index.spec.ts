import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { open } from 'lmdb';
import { sectionPrefix } from '../../../lib/state/checkpointKeys.ts';
import { lmdbStorage } from '../../../lib/state/lmdb/index.ts';
import { storageSuite } from '../../../lib/testing/storageSuite.ts';

describe('lmdbStorage', () => {
  const folders: string[] = [];
  const newFolder = async () => {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'lmdb-spec-'));
    folders.push(folder);
    return folder;
  };
  afterAll(async () => {
    for (const folder of folders) await fs.rm(folder, { recursive: true, force: true });
  });

  const cases = storageSuite(async () => {
    const folder = await newFolder();
    return {
      storage: lmdbStorage({ path: folder }),
      reopened: async () => lmdbStorage({ path: folder }),
      async garble(task, store) {
        const db = open<Uint8Array, Uint8Array>({
          path: path.join(folder, task, 'data.mdb'),
          noSubdir: true,
          keyEncoding: 'binary',
          encoding: 'binary',
        });
        db.putSync(sectionPrefix(store, 'checkpoint'), new Uint8Array(21));
        await db.close();
      },
    };
  });
  for (const { name, run } of cases) it(name, run);

  it('says so when its file is no environment any more', async () => {
    const folder = await newFolder();
    const storage = lmdbStorage({ path: folder });
    await fs.mkdir(path.join(folder, '0_0'));
    await fs.writeFile(path.join(folder, '0_0', 'data.mdb'), new Uint8Array(65536).fill(7));
    await expect(storage.open('0_0')).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
    await storage.wipe('0_0');
    await (await storage.open('0_0')).close();
  });

  it('says so when its folder cannot be made, or was not named', async () => {
    const file = path.join(await newFolder(), 'file');
    await fs.writeFile(file, '');
    await expect(lmdbStorage({ path: file }).open('0_0')).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
    expect(() => lmdbStorage({} as never)).toThrow('it has no path');
  });

  it('takes over from a holder that died', async () => {
    const folder = await newFolder();
    const storage = lmdbStorage({ path: folder });
    await fs.mkdir(path.join(folder, '0_0'));
    const file = path.join(folder, '0_0', 'holder.json');
    for (const holder of [
      JSON.stringify({ pid: process.pid, startedAtMs: 1 }),
      JSON.stringify({ pid: 2 ** 22 + 1, startedAtMs: 1 }),
      'torn',
    ]) {
      await fs.writeFile(file, holder);
      await (await storage.open('0_0')).close();
    }
  });

  it('refuses a key that LMDB cannot hold', async () => {
    const storage = lmdbStorage({ path: await newFolder() });
    const task = await storage.open('0_0');
    const write = (bytes: number) =>
      task.write({
        stores: [
          {
            store: 's',
            rows: [{ key: new Uint8Array(bytes).fill(1), value: Uint8Array.of(1) }],
            checkpoint: { offset: 1, writtenAtMs: 1 },
          },
        ],
      });
    await write(4000);
    await expect(write(5000)).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    await storage.close();
  });
});
