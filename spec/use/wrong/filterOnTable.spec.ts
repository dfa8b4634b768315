import { describe, expect, it } from '@jest/globals';
import { filter } from 'rxjs';
import {
  type Change,
  filterTable,
  groupTableBy,
  int64,
  keyValueStore,
  leftJoin,
  mapValues,
  reduce,
  stream,
  string,
  table,
  to,
  topic,
  topology,
  toStream,
} from 'rxkstreams';
import { topologyTest } from 'rxkstreams/testing';

const stock = topic('stock', int64());
const plenty = topic('plenty', int64());
const orders = topic('orders', string());
const answers = topic('answers', string());

/** Down to 3, so no longer plenty: without a deletion the row would stay 20 for ever. */
const levels = [20, 3, 30].map((value, timestamp) => ({ key: 'tea', value, timestamp }));

const lost = (node: string) => ({
  code: 'CHANGE_LOST',
  message: expect.stringMatching(
    /a change of the table was lost.*number 2, got 3.*Use filterTable instead of filter/,
  ),
  place: { task: '0_0', node, topic: 'stock', partition: 0, offset: 2 },
});
/** Compiles, as RxJS's filter fits all Observables; but the deletion needed here is never made. */
const isPlenty = (change: Change<string, number | null>): boolean => (change.value ?? 0) > 10;

describe("RxJS's filter on a table", () => {
  it('is noticed before a stream of it', async () => {
    const test = await topologyTest(
      topology(() => {
        table(stock).pipe(filter(isPlenty), toStream(), to(plenty));
      }),
    );
    await expect(test.write(stock, ...levels)).rejects.toMatchObject(lost('toStream#2'));
    expect(test.read(plenty)).toMatchObject([{ value: 20 }]);
  });

  it('is noticed before other operators of tables', async () => {
    const test = await topologyTest(
      topology(() => {
        table(stock).pipe(
          filter(isPlenty),
          mapValues((n) => (n ?? 0) * 2),
          toStream(),
          to(plenty),
        );
      }),
    );
    await expect(test.write(stock, ...levels)).rejects.toMatchObject(lost('mapValues#2'));
  });

  it('is noticed before an aggregation', async () => {
    const test = await topologyTest(
      topology(() => {
        table(stock).pipe(
          filter(isPlenty),
          groupTableBy('all', () => 'all', { value: int64() }),
          reduce(
            keyValueStore('plenty-count', int64()),
            (a, b) => a + b,
            (a, b) => a - b,
          ),
          toStream(),
          to(plenty),
        );
      }),
    );
    await expect(test.write(stock, ...levels)).rejects.toMatchObject({ code: 'CHANGE_LOST' });
  });

  it('is noticed before a join', async () => {
    const test = await topologyTest(
      topology(() => {
        stream(orders).pipe(
          leftJoin(table(stock).pipe(filter(isPlenty)), (_order, n) => `${n} left`),
          to(answers),
        );
      }),
    );
    await expect(test.write(stock, ...levels)).rejects.toMatchObject({ code: 'CHANGE_LOST' });
  });

  it('is noticed at once when the first change after a restart is a deletion', async () => {
    const test = await topologyTest(
      topology(() => {
        table(stock).pipe(
          filter(({ value }) => value !== null),
          toStream(),
          to(plenty),
        );
      }),
    );
    await test.write(stock, ...levels);
    await test.commit();
    await test.crash();
    await test.restart();
    const gone = { key: 'tea', value: null, timestamp: 3 };
    const next = { key: 'mate', value: 5, timestamp: 4 };
    await expect(test.write(stock, gone, next)).rejects.toMatchObject({ code: 'CHANGE_LOST' });
  });

  it('filterTable, the remedy, deletes what does not pass any more', async () => {
    const test = await topologyTest(
      topology(() => {
        table(stock).pipe(
          filterTable((n) => n > 10),
          toStream(),
          to(plenty),
        );
      }),
    );
    await test.write(stock, ...levels);
    expect(test.read(plenty).map(({ value }) => value)).toEqual([20, null, 30]);
    await test.close();
  });
});
