import type { PlacedRow, RowStore } from './RowStore.ts';
import type { WindowRow, WindowState } from './views.ts';

/** A row store as rows by key and window start. */
export function windowState<K, V>(store: RowStore<K, V>): WindowState<K, V> {
  return {
    get: (key, start) => store.get(key, start, 0),
    put: (key, start, value, timestamp) => store.put(key, start, 0, value, timestamp),
    delete: (key, start) => store.delete(key, start, 0),
    fetch: (key, from, to, o) => windows(store.ofKey(key, from, to, o)),
    fetchAll: (from, to) => windows(store.byTime(from, to)),
    expire: (before) => store.expire(before),
  };
}

function* windows<K, V>(rows: Iterable<PlacedRow<K, V>>): Generator<WindowRow<K, V>, void> {
  for (const { key, major, value, timestamp } of rows) {
    yield { key, start: major, end: major, value, timestamp };
  }
}
