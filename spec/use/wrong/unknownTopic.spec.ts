import { describe, expect, it } from '@jest/globals';
import { KafkaStreams, memoryKafka, stream, string, to, topic, topology } from 'rxkstreams';
import { topologyTest } from 'rxkstreams/testing';

const orders = topic('orders', string());
const copies = topic('copies', string());
const copying = topology(() => {
  stream(orders).pipe(to(copies));
});

function startWith(topics: Readonly<Record<string, number>>): Promise<void> {
  const client = memoryKafka({ topics });
  return new KafkaStreams(copying, { applicationId: 'copier', client }).start();
}

describe('a topic that does not exist', () => {
  it('is named at the start: a source', async () => {
    await expect(startWith({ copies: 1 })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC',
      message: expect.stringMatching(/'orders' that source\(orders\) reads.*Make it before/),
      place: { topic: 'orders' },
    });
  });

  it('is named at the start: a sink', async () => {
    await expect(startWith({ orders: 1 })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC',
      message: expect.stringMatching(/'copies' that the topology writes.*Make it before/),
      place: { topic: 'copies' },
    });
  });

  it('is named when it was chosen for a record', async () => {
    const routing = topology(() => {
      stream(orders).pipe(to((order) => `orders-${order.value}`, { value: string() }));
    });
    const test = await topologyTest(routing, { topics: { 'orders-fi': 1 } });
    await test.write(orders, { key: 'a', value: 'fi', timestamp: 0 });
    expect(test.read(topic('orders-fi', string()))).toHaveLength(1);
    const unknown = test.write(orders, { key: 'b', value: 'se', timestamp: 1 });
    await expect(unknown).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC',
      message: expect.stringMatching(/'orders-se', chosen for a record.*Make it first/),
      place: { topic: 'orders-se' },
    });
  });
});
