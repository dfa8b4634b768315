import type { RowBytes } from '../state/RowStore.ts';
import type { CheckpointWrite, StateStorage, TaskStorage } from '../state/StateStorage.ts';

/** One case of a conformance suite, for whatever test framework: it throws what is wrong. */
export interface SuiteCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** What the suite is run on. */
export interface StorageUnderTest {
  readonly storage: StateStorage;
  /** Another one on the same place, as the next process would have it. */
  readonly reopened: () => Promise<StateStorage>;
  /**
   * Garbles a store's checkpoint record, as a failing disk would; the storage is closed. Left
   * out: cannot be.
   */
  readonly garble?: (task: string, store: string) => Promise<void>;
}

/**
 * What every `StateStorage` must do. Each case calls `make` for an empty one.
 *
 * @example
 * import { memoryStorage } from 'rxkstreams';
 * import { storageSuite } from 'rxkstreams/testing';
 *
 * for (const { name, run } of storageSuite(async () => {
 *   const storage = memoryStorage();
 *   return { storage, reopened: async () => storage };
 * })) {
 *   await run().catch((error: unknown) => console.error(name, error));
 * }
 */
export function storageSuite(make: () => Promise<StorageUnderTest>): readonly SuiteCase[] {
  return [...rowCases(make), ...holderCases(make)];
}

function rowCases(make: () => Promise<StorageUnderTest>): readonly SuiteCase[] {
  return [
    suiteCase('knows nothing at first', make, async ({ storage }) => {
      const task = await storage.open('0_0');
      equal(await task.checkpoint('sums'), null);
      equal(await rowsOf(task, 'sums'), []);
      await task.close();
    }),
    suiteCase('keeps rows and offsets over a reopening', make, async (made) => {
      const task = await made.storage.open('0_1');
      await task.write(batch('sums', 7, [row([0, 1], [9]), row([0, 2], [8, 8])]));
      await task.write(batch('sums', 9, [row([0, 1], null), row([0, 0, 255], [])]));
      await task.close();
      const again = await (await made.reopened()).open('0_1');
      equal(await again.checkpoint('sums'), { offset: 9, writtenAtMs: 1009 });
      equal(await rowsOf(again, 'sums'), ['0,0,255=', '0,2=8,8']);
      await again.close();
    }),
    suiteCase('keeps stores and tasks apart', make, async ({ storage }) => {
      const first = await storage.open('0_0');
      const second = await storage.open('0_1');
      await first.write({
        stores: [
          ...batch('a', 1, [row([0, 1], [1])]).stores,
          ...batch('ab', 2, [row([0, 1], [2])]).stores,
        ],
      });
      await second.write(batch('a', 3, [row([0, 1], [3])]));
      equal(await rowsOf(first, 'a'), ['0,1=1']);
      equal(await rowsOf(first, 'ab'), ['0,1=2']);
      equal(await rowsOf(second, 'a'), ['0,1=3']);
      await first.clear('a');
      equal(await first.checkpoint('a'), null);
      equal(await rowsOf(first, 'a'), []);
      equal(await rowsOf(first, 'ab'), ['0,1=2']);
      await first.close();
      await second.close();
      equal(await storage.tasks(), ['0_0', '0_1']);
      await storage.wipe('0_0');
      equal(await storage.tasks(), ['0_1']);
      const wiped = await storage.open('0_0');
      equal(await wiped.checkpoint('ab'), null);
      await wiped.close();
    }),
    suiteCase('hands out many rows in bounded chunks', make, async ({ storage }) => {
      const task = await storage.open('0_0');
      const rows = Array.from({ length: 2500 }, (_, i) => row([0, i >> 8, i & 255], [i & 255]));
      await task.write(batch('many', 1, rows));
      let count = 0;
      for await (const chunk of task.rows('many')) {
        if (chunk.length > 1000) throw new Error(`a chunk of ${chunk.length} rows`);
        count += chunk.length;
      }
      equal(count, 2500);
      await task.close();
    }),
  ];
}

function holderCases(make: () => Promise<StorageUnderTest>): readonly SuiteCase[] {
  return [
    suiteCase('has one holder at a time', make, async ({ storage }) => {
      const task = await storage.open('0_0');
      await rejects(storage.open('0_0'), 'STORAGE_LOCKED');
      await rejects(storage.wipe('0_0'), 'STORAGE_LOCKED');
      await task.close();
      await task.close();
      await rejects(task.checkpoint('sums'), 'CLIENT_CLOSED');
      await (await storage.open('0_0')).close();
    }),
    suiteCase('does not keep what it was given', make, async ({ storage }) => {
      const task = await storage.open('0_0');
      const buffer = new Uint8Array([0, 1, 2, 3]);
      await task.write(
        batch('sums', 1, [{ key: buffer.subarray(0, 2), value: buffer.subarray(2) }]),
      );
      buffer.fill(7);
      equal(await rowsOf(task, 'sums'), ['0,1=2,3']);
      await task.close();
    }),
    suiteCase('tells a garbled checkpoint', make, async (made) => {
      if (made.garble === undefined) return;
      const task = await made.storage.open('0_0');
      await task.write(batch('sums', 1, []));
      await task.close();
      await made.storage.close();
      await made.garble('0_0', 'sums');
      const next = await made.reopened();
      const garbled = await next.open('0_0');
      await rejects(garbled.checkpoint('sums'), 'STATE_CORRUPT');
      await garbled.close();
      await next.wipe('0_0');
      const wiped = await next.open('0_0');
      equal(await wiped.checkpoint('sums'), null);
      await wiped.close();
    }),
    suiteCase('reads ranges without waiting, where it can', make, async ({ storage }) => {
      const task = await storage.open('0_0');
      if (task.sync !== undefined) await checkSync(task);
      await task.close();
    }),
  ];
}

async function checkSync(task: TaskStorage): Promise<void> {
  const { sync } = task;
  if (sync === undefined) return;
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  await task.write(
    batch(
      's',
      1,
      numbers.map((i) => row([0, i], [i])),
    ),
  );
  await task.write(batch('t', 1, [row([0, 1], [0])]));
  equal(sync.get('s', Uint8Array.of(0, 5)), Uint8Array.of(5));
  equal(sync.get('s', Uint8Array.of(5)), undefined);
  const read = (from: number[], to: number[] | null, reverse: boolean) =>
    [...sync.range('s', Uint8Array.from(from), to && Uint8Array.from(to), { reverse })].map(
      (r) => r.key[1],
    );
  equal(read([0, 10], [0, 13], false), [10, 11, 12]);
  equal(read([0, 10], [0, 13], true), [12, 11, 10]);
  equal(read([], null, false), numbers);
  equal(read([], null, true), [...numbers].reverse());
  equal(read([0, 13], [0, 10], false), []);
  equal(read([0, 13], [0, 10], true), []);
  equal(read([0, 98, 1], null, false), [99]);
  equal(read([0, 98, 1], [0, 99, 1], true), [99]);
  for (const r of sync.range('s', new Uint8Array(), null)) {
    equal(r.value, Uint8Array.of(0));
    break;
  }
}

function suiteCase(
  name: string,
  make: () => Promise<StorageUnderTest>,
  check: (made: StorageUnderTest) => Promise<void>,
): SuiteCase {
  return {
    name,
    async run() {
      const made = await make();
      await check(made);
      await made.storage.close();
    },
  };
}

function row(key: number[], value: number[] | null): RowBytes {
  return { key: Uint8Array.from(key), value: value === null ? null : Uint8Array.from(value) };
}

function batch(store: string, offset: number, rows: readonly RowBytes[]): CheckpointWrite {
  return { stores: [{ store, rows, checkpoint: { offset, writtenAtMs: 1000 + offset } }] };
}

async function rowsOf(task: TaskStorage, store: string): Promise<readonly string[]> {
  const rows: string[] = [];
  for await (const chunk of task.rows(store)) {
    for (const { key, value } of chunk) rows.push(`${key.join()}=${value?.join()}`);
  }
  return rows.sort();
}

async function rejects(promise: Promise<unknown>, code: string): Promise<void> {
  const outcome = await promise.then(
    () => 'it resolved',
    (error: unknown) => (error as { code?: unknown }).code,
  );
  equal(outcome, code);
}

/** Throws unless both print alike. */
export function equal(actual: unknown, expected: unknown): void {
  const [a, e] = [printed(actual), printed(expected)];
  if (a !== e) throw new Error(`expected ${e}\n     got ${a}`);
}

function printed(value: unknown): string {
  if (value === undefined) return 'undefined';
  return value instanceof Uint8Array ? `bytes ${value.join()}` : JSON.stringify(value);
}
