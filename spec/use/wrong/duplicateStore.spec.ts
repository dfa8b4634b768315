import { expect, it } from '@jest/globals';
import {
  count,
  groupByKey,
  int64,
  keyValueStore,
  reduce,
  repartition,
  stream,
  topic,
  topology,
} from 'rxkstreams';

const orders = topic('orders', int64());
const totals = keyValueStore('totals', int64());

it('two operators cannot own one store', () => {
  const twice = (): unknown =>
    topology(() => {
      const grouped = stream(orders).pipe(groupByKey());
      grouped.pipe(count(totals));
      grouped.pipe(reduce(totals, (a, b) => a + b));
    });
  expect(twice).toThrow(
    expect.objectContaining({
      name: 'TopologyError',
      code: 'DUPLICATE_NAME',
      message: expect.stringMatching(
        /store named 'totals': count\(totals\) and reduce\(totals\).*give each its own/,
      ),
    }),
  );
});

it('neither can two repartitions have one name', () => {
  const twice = (): unknown =>
    topology(() => {
      stream(orders).pipe(repartition('again'), groupByKey(), count(totals));
      stream(orders).pipe(repartition('again'), groupByKey(), count(keyValueStore('b', int64())));
    });
  expect(twice).toThrow(
    expect.objectContaining({
      code: 'DUPLICATE_NAME',
      message: expect.stringMatching(/repartitions are named 'again'.*give each its own/),
    }),
  );
});
