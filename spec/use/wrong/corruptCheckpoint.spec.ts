import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  count,
  groupByKey,
  int64,
  KafkaStreams,
  keyValueStore,
  memoryKafka,
  memoryStorage,
  StateCorruptError,
  type StateStorage,
  type StreamsError,
  stream,
  string,
  topic,
  topology,
} from 'rxkstreams';
import { lmdbStorage } from 'rxkstreams/lmdb';

const visits = topic('visits', string());
const counts = keyValueStore('counts', int64());
const counting = topology(() => {
  stream(visits).pipe(groupByKey(), count(counts));
});

/** Counts ann twice and bob once, stops, and starts again: what it then knows, and what it told. */
async function restarted(
  state: StateStorage,
  spoil: () => Promise<void>,
): Promise<{ rows: string[]; errors: StreamsError[]; replayed: number[] }> {
  const client = memoryKafka({ topics: { visits: 1 } });
  const o = { applicationId: 'visits', client, state };
  const before = new KafkaStreams(counting, o);
  await before.start();
  for (const name of ['ann', 'bob', 'ann']) {
    const [key, value] = [visits.key.encode(name), visits.value.encode('/')];
    client.append('visits', 0, { key, value, timestamp: 0 });
  }
  await before.idle();
  await before.close();
  await spoil();
  const errors: StreamsError[] = [];
  const replayed: number[] = [];
  const app = new KafkaStreams(counting, o);
  app.errors$.subscribe((error) => errors.push(error));
  app.restoration$.subscribe(({ changelogRecords }) => replayed.push(changelogRecords));
  await app.start();
  const rows = (await app.store(counts).all()).map(({ key, value }) => `${key}:${value}`).sort();
  await app.close();
  return { rows, errors, replayed };
}

/** Every row's bytes cut short, as a torn write leaves them. */
async function cutRows(state: StateStorage): Promise<void> {
  const task = await state.open('visits-0_0');
  const checkpoint = await task.checkpoint('counts');
  if (checkpoint === null) throw new Error('there is no checkpoint');
  const rows: { readonly key: Uint8Array; readonly value: Uint8Array }[] = [];
  for await (const chunk of task.rows('counts')) {
    for (const { key } of chunk) rows.push({ key, value: new Uint8Array(3) });
  }
  await task.write({ stores: [{ store: 'counts', rows, checkpoint }] });
  await task.close();
}

const warning = (what: RegExp): unknown[] => [
  {
    code: 'STATE_CORRUPT',
    message: expect.stringMatching(
      new RegExp(`checkpoint of ${what.source} cannot be read.*restored from the changelog`),
    ),
    place: { task: '0_0' },
  },
];

describe('a corrupt checkpoint is told, deleted, and restored from the changelog', () => {
  it('when all is in place', async () => {
    const { rows, errors, replayed } = await restarted(memoryStorage(), async () => {});
    expect(rows).toEqual(['ann:2', 'bob:1']);
    expect(replayed).toEqual([0]);
    expect(errors).toEqual([]);
  });

  it('when its rows are garbled', async () => {
    const state = memoryStorage();
    const { rows, errors, replayed } = await restarted(state, () => cutRows(state));
    expect(rows).toEqual(['ann:2', 'bob:1']);
    expect(replayed).toEqual([2]);
    expect(errors).toMatchObject(warning(/the store 'counts'/));
  });

  it('when the storage says so itself', async () => {
    const kept = memoryStorage();
    let isSpoilt = false;
    const state: StateStorage = {
      ...kept,
      open: async (task) => {
        if (isSpoilt) throw new StateCorruptError('the disk has bad sectors');
        return kept.open(task);
      },
      wipe: async (task) => {
        isSpoilt = false;
        await kept.wipe(task);
      },
    };
    const { rows, errors, replayed } = await restarted(state, async () => {
      isSpoilt = true;
    });
    expect(rows).toEqual(['ann:2', 'bob:1']);
    expect(replayed).toEqual([2]);
    expect(errors).toMatchObject(warning(/all stores of task 0_0/));
  });

  it.each(['rows', 'file'])('when it lies on a disk, and its %s is garbled', async (what) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'checkpoint-'));
    const state = lmdbStorage({ path: folder });
    const { rows, errors, replayed } = await restarted(state, async () => {
      if (what === 'rows') await cutRows(state);
      else await garble(path.join(folder, 'visits-0_0', 'data.mdb'));
    });
    expect(rows).toEqual(['ann:2', 'bob:1']);
    expect(replayed).toEqual([2]);
    expect(errors).toMatchObject(
      warning(what === 'rows' ? /the store 'counts'/ : /all stores of task 0_0/),
    );
    await rm(folder, { recursive: true });
  });
});

async function garble(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(new Uint8Array(64), 0, 64, 0);
  await handle.close();
}
