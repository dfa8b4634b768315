import { describe, expect, it } from '@jest/globals';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { topic, topicPattern } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { string } from '../../lib/serde/string.ts';
import { topologyTest } from '../../lib/testing/topologyTest.ts';
import { topology } from '../../lib/topology/Topology.ts';

const eu = topic('orders-eu', string());
const us = topic('orders-us', string());
const out = topic('out', string());
const at = (value: string, timestamp: number) => ({ key: 'k', value, timestamp });

describe('stream', () => {
  it('outside a topology is an error that says where it belongs', () => {
    expect(() => stream(eu)).toThrow(/inside topology/);
  });

  it('reads several topics as one, in order of their timestamps', async () => {
    const test = await topologyTest(topology(() => void stream([eu, us]).pipe(to(out))));
    await test.write(eu, at('e1', 1));
    await test.write(us, at('u2', 2));
    await test.write(eu, at('e0', 0));
    expect(test.read(out).map(({ value }) => value)).toEqual(['e1', 'u2', 'e0']);
    await test.close();
  });

  it('reads all topics a pattern matches', async () => {
    const orders = topicPattern(/^orders-/, string());
    const test = await topologyTest(
      topology(() => void stream(orders).pipe(to(out))),
      { topics: { 'orders-eu': 1, 'orders-us': 1, other: 1 } },
    );
    await test.write(us, at('u', 2));
    await test.write(topic('other', string()), at('x', 3));
    await test.write(eu, at('e', 4));
    expect(test.read(out).map(({ value }) => value)).toEqual(['u', 'e']);
    await test.close();
  });

  it('null keys and values come through, with their headers', async () => {
    const test = await topologyTest(topology(() => void stream(eu).pipe(to(out))));
    const headers = [['h', null]] as const;
    await test.write(eu, { key: null, value: 'a', timestamp: 1, headers });
    await test.write(eu, { key: 'k', value: null, timestamp: 2 });
    expect(test.read(out)).toMatchObject([
      { key: null, value: 'a', timestamp: 1, headers },
      { key: 'k', value: null, timestamp: 2 },
    ]);
    await test.close();
  });

  it('takes event time from the record; a negative one leaves it out', async () => {
    const seen: number[] = [];
    const timed = topology(() => {
      stream(eu, {
        timestampOf: ({ value, partitionTime }) => {
          seen.push(partitionTime);
          return value === 'now' ? partitionTime : Number(value);
        },
      }).pipe(to(out));
    });
    const test = await topologyTest(timed);
    await test.write(eu, at('5', 100), at('3', 101), at('now', 102), at('-1', 103));
    expect(test.read(out).map(({ timestamp }) => timestamp)).toEqual([5, 3, 5]);
    expect(seen).toEqual([-1, 5, 5, 5]);
    await test.close();
  });

  it('of no topic, or of several with different serdes, is refused', () => {
    expect(() => topology(() => void stream([]))).toThrow(/reads nothing/);
    const numbers = topic('numbers', json<string>());
    expect(() => topology(() => void stream([eu, numbers]).pipe(to(out)))).toThrow(
      /orders-eu and numbers have different serdes/,
    );
  });
});
