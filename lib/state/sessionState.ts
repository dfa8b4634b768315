import type { PlacedRow, RowStore } from './RowStore.ts';
import type { SessionState, WindowRow } from './views.ts';

/** A row store as rows by key and session: its end, then its start, place a row. */
export function sessionState<K, V>(store: RowStore<K, V>): SessionState<K, V> {
  return {
    get: (key, start, end) => store.get(key, end, start),
    put: ({ key, start, end }, value, timestamp) => store.put(key, end, start, value, timestamp),
    delete: ({ key, start, end }) => store.delete(key, end, start),
    find: (key, earliestEnd, latestStart) =>
      sessions(store.ofKey(key, earliestEnd, Infinity), latestStart),
    fetchAll: (fromEnd, toEnd) => sessions(store.byTime(fromEnd, toEnd), Infinity),
    expire: (before) => store.expire(before),
  };
}

function* sessions<K, V>(
  rows: Iterable<PlacedRow<K, V>>,
  latestStart: number,
): Generator<WindowRow<K, V>, void> {
  for (const { key, major, minor, value, timestamp } of rows) {
    if (minor <= latestStart) yield { key, start: minor, end: major, value, timestamp };
  }
}
