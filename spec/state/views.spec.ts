import { describe, expect, it } from '@jest/globals';
import { json } from '../../lib/serde/json.ts';
import { string } from '../../lib/serde/string.ts';
import { createRowStore } from '../../lib/state/createRowStore.ts';
import { keyValueState } from '../../lib/state/keyValueState.ts';
import { sessionState } from '../../lib/state/sessionState.ts';
import { versionedState, versionedValue } from '../../lib/state/versionedState.ts';
import { windowState } from '../../lib/state/windowState.ts';

const options = {
  name: 'rows',
  key: string(),
  value: json<number>(),
  timeIndex: true,
  changelog: true,
};
const open = () => createRowStore<string, number>(options);

describe('keyValueState', () => {
  it('is rows by key, in order', () => {
    const state = keyValueState(open());
    for (const key of ['b', 'ab', 'a']) state.put(key, key.length, 5);
    state.delete('b');
    state.delete('z');
    expect(state.get('a')).toEqual({ value: 1, timestamp: 5 });
    expect([...state.all()].map((row) => row.key)).toEqual(['a', 'ab']);
    expect([...state.all({ reverse: true })].map((row) => row.key)).toEqual(['ab', 'a']);
    expect([...state.range('aa', null)].map((row) => row.key)).toEqual(['ab']);
    expect([...state.prefix(Uint8Array.of(97, 98))].map((row) => row.key)).toEqual(['ab']);
  });
});

describe('windowState', () => {
  it('is rows by key and start', () => {
    const state = windowState(open());
    for (const start of [60, 0, 120]) state.put('a', start, start, start + 1);
    state.put('b', 60, 7, 61);
    expect(state.get('a', 60)).toEqual({ value: 60, timestamp: 61 });
    expect([...state.fetch('a', 0, 60)].map((row) => row.start)).toEqual([0, 60]);
    expect([...state.fetchAll(60, 120)].map((row) => row.key + row.start)).toEqual([
      'a60',
      'b60',
      'a120',
    ]);
    state.expire(61);
    expect([...state.fetchAll(0, 200)].map((row) => row.key + row.end)).toEqual(['a120']);
    state.delete('a', 120);
    expect([...state.fetch('a', 0, 200)]).toEqual([]);
  });
});

describe('sessionState', () => {
  it('finds the sessions a record touches', () => {
    const state = sessionState(open());
    const put = (key: string, start: number, end: number) =>
      state.put({ key, start, end }, end, end);
    put('a', 0, 10);
    put('a', 20, 30);
    put('a', 40, 40);
    put('b', 20, 25);
    // A record of 33 with a gap of 5.
    expect([...state.find('a', 28, 38)].map(({ start, end }) => [start, end])).toEqual([[20, 30]]);
    expect([...state.find('a', 10, 40)]).toHaveLength(3);
    expect([...state.fetchAll(11, 35)].map(({ key, end }) => key + end)).toEqual(['b25', 'a30']);
    state.delete({ key: 'a', start: 20, end: 30 });
    expect(state.get('a', 20, 30)).toBeUndefined();
    state.expire(40);
    expect([...state.fetchAll(0, 100)].map(({ end }) => end)).toEqual([40]);
  });
});

describe('versionedState', () => {
  const versioned = (historyRetentionMs: number) => {
    const store = createRowStore({ ...options, value: versionedValue(json<number>()) });
    return { store, state: versionedState(store, historyRetentionMs) };
  };

  it('reads as of a time what Kafka Streams reads', () => {
    const { store, state } = versioned(100);
    const puts = [
      ['a', 1, 10],
      ['a', 2, 5],
      ['a', 3, 20],
      ['a', null, 15],
      ['b', 1, 200],
      ['a', 9, 50],
      ['c', 7, 100],
      ['d', 7, 99],
    ] as const;
    const kept = puts.map(([key, value, timestamp]) => state.put(key, value, timestamp));
    expect(kept).toEqual([true, true, true, true, true, false, true, false]);
    const asOf = (key: string) =>
      [4, 5, 9, 10, 14, 15, 19, 20, 60, 100, 200].map((t) => state.getAsOf(key, t)?.value ?? '-');
    expect(asOf('a').join(' ')).toBe('- - - - - - - 3 3 3 3');
    expect(asOf('c').join(' ')).toBe('- - - - - - - - - 7 7');
    expect(state.get('a')).toMatchObject({ value: 3, timestamp: 20 });
    expect(state.get('d')).toBeUndefined();
    // What is past the history is gone, but for the latest.
    expect([...store.ofKey('a', 0, 1000)].map((row) => row.major)).toEqual([20]);
  });

  it('takes versions out of order while they are history', () => {
    const { state } = versioned(1000);
    state.put('a', 1, 100);
    state.put('a', 2, 50);
    state.put('a', null, 80);
    const asOf = [49, 50, 79, 80, 99, 100, 900].map((t) => state.getAsOf('a', t)?.value ?? '-');
    expect(asOf.join(' ')).toBe('- 2 2 - - 1 1');
    state.put('a', null, 120);
    expect(state.get('a')).toBeUndefined();
    expect(state.getAsOf('a', 119)?.value).toBe(1);
    state.put('a', 5, 110);
    expect(state.get('a')).toBeUndefined();
  });

  it('keeps its time over a restart', () => {
    const { store, state } = versioned(100);
    state.put('a', 1, 500);
    const rows = store.freeze();
    const next = versioned(100);
    next.store.restore(rows);
    expect(next.state.put('b', 1, 399)).toBe(false);
    expect(next.state.put('b', 1, 400)).toBe(true);
  });
});
