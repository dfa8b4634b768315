import { expect, it } from '@jest/globals';
import { join, repartition, stream, string, table, to, topic, topology } from 'rxkstreams';
import { topologyTest } from 'rxkstreams/testing';

const orders = topic('orders', string());
const customers = topic('customers', string());
const enriched = topic('enriched', string());
const topics = { orders: 3, customers: 4 };
const both = (order: string, customer: string): string => `${order} of ${customer}`;

it('topics of 3 and 4 partitions cannot be joined: the message says what can be done', async () => {
  const joining = topology(() => {
    stream(orders).pipe(join(table(customers), both), to(enriched));
  });
  await expect(topologyTest(joining, { topics })).rejects.toMatchObject({
    name: 'TopologyError',
    code: 'NOT_COPARTITIONED',
    message: expect.stringMatching(
      /orders has 3 partitions, customers has 4.*repartition\('name', \{ partitions: 4 \}\)/,
    ),
  });
});

it('the remedy is the one the message names', async () => {
  const joining = topology(() => {
    stream(orders).pipe(
      repartition('orders-4', { partitions: 4 }),
      join(table(customers), both),
      to(enriched),
    );
  });
  const test = await topologyTest(joining, { topics });
  for (const key of ['ann', 'bob', 'cid', 'dee']) {
    await test.write(customers, { key, value: key.toUpperCase(), timestamp: 0 });
    await test.write(orders, { key, value: 'tea', timestamp: 1 });
  }
  await test.commit();
  const out = test.read(enriched).map(({ value }) => value);
  expect(out.sort()).toEqual(['tea of ANN', 'tea of BOB', 'tea of CID', 'tea of DEE']);
  await test.close();
});
