import { describe, expect, it } from '@jest/globals';
import { map } from 'rxjs';
import {
  count,
  groupByKey,
  int64,
  join,
  json,
  keyValueStore,
  mapValues,
  repartitionBy,
  stream,
  string,
  table,
  to,
  topic,
  topology,
  toStream,
} from 'rxkstreams';
import { topologyTest } from 'rxkstreams/testing';

interface Order {
  readonly customer: string;
}
const orders = topic('orders', json<Order>());
const customers = topic('customers', string());
const totals = topic('totals', int64());
const letters = topic('letters', string());
const counts = keyValueStore('counts', int64());
const order = { key: 'order-1', value: { customer: 'ann' }, timestamp: 0 };

/** `selectKey` says so in the types; a standard `map` that keeps the record's shape does not. */
const byCustomer = () =>
  stream(orders).pipe(map((record) => ({ ...record, key: record.value.customer })));

const keyChanged = (node: string) => ({
  code: 'KEY_CHANGED',
  message: expect.stringMatching(/key changed from 'order-1' to 'ann'.*Use repartitionBy\('name'/s),
  place: { task: '0_0', node, topic: 'orders', partition: 0, offset: 0 },
});

describe('a key that a standard map changed', () => {
  it('cannot be grouped by', async () => {
    const test = await topologyTest(
      topology(() => {
        byCustomer().pipe(groupByKey(), count(counts), toStream(), to(totals));
      }),
    );
    await expect(test.write(orders, order)).rejects.toMatchObject(keyChanged('count(counts)'));
    expect(test.run.app?.state).toBe('error');
    expect(test.read(totals)).toEqual([]);
  });

  it('cannot be joined by', async () => {
    const test = await topologyTest(
      topology(() => {
        byCustomer().pipe(
          join(table(customers), (_order, name) => `Dear ${name}`),
          to(letters),
        );
      }),
    );
    await test.write(customers, { key: 'ann', value: 'Ann', timestamp: 0 });
    await expect(test.write(orders, order)).rejects.toMatchObject(keyChanged('join#3'));
    expect(test.read(letters)).toEqual([]);
  });

  it('is no error when it is written, or after the remedy', async () => {
    const test = await topologyTest(
      topology(() => {
        byCustomer().pipe(
          mapValues(({ customer }) => `to ${customer}`),
          to(letters),
        );
        stream(orders).pipe(
          repartitionBy('by-customer', ({ customer }) => customer),
          groupByKey(),
          count(counts),
          toStream(),
          to(totals),
        );
      }),
    );
    await test.write(orders, order, order);
    await test.commit();
    expect(test.read(letters)).toMatchObject([{ key: 'ann', value: 'to ann' }, { key: 'ann' }]);
    expect(test.read(totals).map(({ key, value }) => [key, value])).toEqual([
      ['ann', 1],
      ['ann', 2],
    ]);
    await test.close();
  });
});
