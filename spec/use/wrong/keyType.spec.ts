import { describe, expect, it } from '@jest/globals';
import { map } from 'rxjs';
import {
  count,
  groupByKey,
  int64,
  json,
  keyValueStore,
  repartitionBy,
  skip,
  stream,
  string,
  to,
  topic,
  topology,
} from 'rxkstreams';
import { topologyTest } from 'rxkstreams/testing';

interface Order {
  readonly customer: string;
}
const orders = topic('orders', json<Order>());
const copies = topic('copies', json<Order>());
const counts = keyValueStore('counts', int64());

/** The types say string; what was written as JSON is a number. As bytes "7" and 7 hash apart. */
const untrue = { key: 'order-1', value: { customer: 7 as unknown as string }, timestamp: 0 };
const keyType = {
  code: 'KEY_TYPE',
  message: expect.stringMatching(/Expected a string, got number: give the topic or store a serde/),
  place: expect.objectContaining({ task: '0_0', topic: 'orders', partition: 0, offset: 0 }),
};

describe('a key of another type than its serde', () => {
  it('is no key to be repartitioned by', async () => {
    const test = await topologyTest(
      topology(() => {
        stream(orders).pipe(
          repartitionBy('by-customer', ({ customer }) => customer),
          groupByKey(),
          count(counts),
        );
      }),
    );
    await expect(test.write(orders, untrue)).rejects.toMatchObject(keyType);
  });

  it('is no key to be written', async () => {
    const writing = topology(() => {
      stream(orders).pipe(
        map((record) => ({ ...record, key: record.value.customer })),
        to(copies),
      );
    });
    const test = await topologyTest(writing);
    await expect(test.write(orders, untrue)).rejects.toMatchObject(keyType);

    const lenient = await topologyTest(writing, { errors: { production: skip } });
    await lenient.write(orders, untrue, { ...untrue, value: { customer: 'ann' } });
    expect(lenient.read(copies)).toMatchObject([{ key: 'ann' }]);
    await lenient.close();
  });

  it('is no key of a store', async () => {
    const test = await topologyTest(
      topology(() => {
        stream(topic('numbered', int64(), string())).pipe(
          groupByKey(),
          // The store's keys are strings by default: `{ key: int64() }` is missing.
          count(keyValueStore('counts', int64()) as never),
        );
      }),
    );
    const numbered = topic('numbered', int64(), string());
    await expect(test.write(numbered, { key: 7, value: 'x', timestamp: 0 })).rejects.toMatchObject({
      code: 'KEY_TYPE',
      message: expect.stringMatching(/got number: give the topic or store a serde/),
    });
  });
});
