import { describe, expect, it } from '@jest/globals';
import { map, share, tap } from 'rxjs';
import {
  count,
  groupTableBy,
  int64,
  join,
  type KTable,
  keyValueStore,
  mapValues,
  stream,
  string,
  table,
  to,
  topic,
  topology,
  toStream,
} from 'rxkstreams';
import { topologyTest } from 'rxkstreams/testing';

const orders = topic('orders', string());
const customers = topic('customers', string());
const letters = topic('letters', string());
const ann = { key: 'a', value: 'ann', timestamp: 0 };
const tea = { key: 'a', value: 'tea', timestamp: 1 };
const dear = (order: string, name: string | null): string => `Dear ${name}, your ${order}`;
const upper = (value: string | null): string | null => value?.toUpperCase() ?? null;
/** Compiles, as a copy of a change is one by its type. */
const shouted = (): KTable<string, string | null> =>
  table(customers).pipe(map((c) => ({ ...c, value: upper(c.value) })));

/** A join looks rows up in the table itself: what a foreign map made it would never see. */
const replaced = {
  code: 'CHANGE_LOST',
  message: expect.stringMatching(/put another in its place.*Use mapValues or filterTable/),
  place: expect.objectContaining({ task: '0_0', topic: 'customers', offset: 0 }),
};

describe("RxJS's map on a table", () => {
  it('is noticed before a join', async () => {
    const test = await topologyTest(
      topology(() => {
        stream(orders).pipe(join(shouted(), dear), to(letters));
      }),
    );
    await expect(test.write(customers, ann)).rejects.toMatchObject(replaced);
  });

  it('is noticed before a grouping: the row before the change is not mapped', async () => {
    const test = await topologyTest(
      topology(() => {
        shouted().pipe(
          groupTableBy('by-name', (name) => name),
          count(keyValueStore('names', int64())),
        );
      }),
    );
    await expect(test.write(customers, ann)).rejects.toMatchObject(replaced);
  });

  it('does no harm before toStream', async () => {
    const test = await topologyTest(
      topology(() => {
        shouted().pipe(toStream(), to(letters));
      }),
    );
    await test.write(customers, ann);
    expect(test.read(letters)).toMatchObject([{ value: 'ANN' }]);
    await test.close();
  });

  it('mapValues, the remedy, is seen by the join; tap and share are no harm', async () => {
    const seen: unknown[] = [];
    const test = await topologyTest(
      topology(() => {
        const loud = table(customers).pipe(
          mapValues(upper),
          tap(({ value }) => seen.push(value)),
          share(),
        );
        stream(orders).pipe(join(loud, dear), to(letters));
      }),
    );
    await test.write(customers, ann);
    await test.write(orders, tea);
    expect(test.read(letters)).toMatchObject([{ value: 'Dear ANN, your tea' }]);
    expect(seen).toEqual(['ANN']);
    await test.close();
  });
});
