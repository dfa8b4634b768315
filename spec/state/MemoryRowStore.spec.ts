import { describe, expect, it } from '@jest/globals';
import { json } from '../../lib/serde/json.ts';
import { string } from '../../lib/serde/string.ts';
import { createRowStore } from '../../lib/state/createRowStore.ts';

describe('MemoryRowStore', () => {
  const make = () =>
    createRowStore<string, number>({
      name: 'sums',
      key: string(),
      value: json<number>(),
      timeIndex: true,
      changelog: true,
    });

  it('puts, gets, deletes', () => {
    const store = make();
    expect(store.get('a', 0, 0)).toBeUndefined();
    store.put('a', 0, 0, 1, 10);
    store.put('a', 60, 0, 2, 70);
    expect(store.get('a', 0, 0)).toEqual({ value: 1, timestamp: 10 });
    expect(store.size).toBe(2);
    store.delete('a', 0, 0);
    expect(store.get('a', 0, 0)).toBeUndefined();
    expect([...store.ofKey('a', -Infinity, Infinity)]).toEqual([
      { key: 'a', major: 60, minor: 0, value: 2, timestamp: 70 },
    ]);
  });

  it('undoes a turn and nothing before it', () => {
    const store = make();
    store.put('a', 0, 0, 1, 1);
    store.beginTurn();
    store.put('a', 0, 0, 2, 2);
    store.put('b', 0, 0, 3, 3);
    store.cell('time').set([5]);
    store.rollbackTurn();
    expect(store.get('a', 0, 0)?.value).toBe(1);
    expect(store.get('b', 0, 0)).toBeUndefined();
    expect(store.cell('time').get()).toBeUndefined();
  });

  it('freezes what changed, goes on, and publishes', () => {
    const store = make();
    store.put('a', 0, 0, 1, 1);
    store.cell('time').set([1]);
    const rows = store.freeze();
    expect(rows).toHaveLength(2);
    store.put('a', 0, 0, 2, 2);
    expect(store.committed().get('a', 0, 0)).toBeUndefined();
    store.publish();
    expect(store.committed().get('a', 0, 0)?.value).toBe(1);
    expect(store.get('a', 0, 0)?.value).toBe(2);
    const other = make();
    other.restore(rows);
    expect(other.get('a', 0, 0)).toEqual({ value: 1, timestamp: 1 });
    expect(other.cell('time').get()).toEqual([1]);
    store.discard();
    expect(store.get('a', 0, 0)?.value).toBe(1);
  });

  it('keeps order of code points and of time', () => {
    const store = make();
    for (const key of ['b', '\u{1f600}', '\uffee', 'a']) store.put(key, 5, 0, 1, 1);
    store.put('z', 1, 0, 1, 1);
    expect([...store.range(null, null)].map((row) => row.key)).toEqual([
      'a',
      'b',
      'z',
      '\uffee',
      '\u{1f600}',
    ]);
    expect([...store.byTime(-Infinity, 5)].map((row) => row.key)).toEqual([
      'z',
      'a',
      'b',
      '\uffee',
      '\u{1f600}',
    ]);
    store.expire(5);
    expect(store.size).toBe(4);
  });
});
