import { describe, expect, it } from '@jest/globals';
import { foreignKeyJoin } from '../../lib/operators/foreignKeyJoin.ts';
import { foreignKeyLeftJoin } from '../../lib/operators/foreignKeyLeftJoin.ts';
import { table } from '../../lib/operators/table.ts';
import { to } from '../../lib/operators/to.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import { topic } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { string } from '../../lib/serde/string.ts';
import { topologyTest } from '../../lib/testing/topologyTest.ts';
import { topology } from '../../lib/topology/Topology.ts';

interface Order {
  readonly sku: string | null;
  readonly n: number;
}
const orders = topic('orders', json<Order>());
const products = topic('products', string());
const joined = topic('joined', json<string | null>());

const inner = topology(() => {
  table(orders).pipe(
    foreignKeyJoin(
      'order-product',
      table(products),
      ({ sku }) => sku,
      ({ n }, title) => `${n}${title}`,
    ),
    toStream(),
    to(joined),
  );
});
const left = topology(() => {
  table(orders).pipe(
    foreignKeyLeftJoin(
      'order-product',
      table(products),
      ({ sku }) => sku,
      ({ n }, title) => `${n}${title}`,
    ),
    toStream(),
    to(joined),
  );
});

const shown = ({ key, value, timestamp }: { key: unknown; value: unknown; timestamp: number }) =>
  `${key}=${value}@${timestamp}`;

describe('a foreign-key join in tasks', () => {
  it('joins across partitions, whatever the counts of both sides', async () => {
    const test = await topologyTest(inner, { topics: { orders: 3, products: 2, joined: 1 } });
    const skus = ['kettle', 'cup', 'pot', 'jar', 'lid'];
    const keys = Array.from({ length: 12 }, (_, i) => `order-${i}`);
    for (const [i, key] of keys.entries()) {
      const value = { sku: skus[i % skus.length] as string, n: i };
      await test.write(orders, { key, value, timestamp: i });
    }
    expect(test.read(joined)).toEqual([]);
    for (const sku of skus) {
      await test.write(products, { key: sku, value: sku.toUpperCase(), timestamp: 20 });
    }
    const expected = keys.map((key, i) => `${key}=${i}${skus[i % 5]?.toUpperCase()}@20`);
    expect(test.read(joined).map(shown).sort()).toEqual(expected.sort());
    await test.close();
  });

  it('goes on after a crash', async () => {
    const test = await topologyTest(left, { topics: { orders: 2, products: 2, joined: 1 } });
    await test.write(orders, { key: '1', value: { sku: 'x', n: 1 }, timestamp: 1 });
    await test.commit();
    await test.crash();
    await test.restart();
    await test.write(products, { key: 'x', value: 'X', timestamp: 2 });
    await test.write(orders, { key: '1', value: null, timestamp: 3 });
    expect(test.read(joined).map(shown)).toEqual(['1=1null@1', '1=1X@2', '1=null@3']);
    await test.close();
  });
});
