import type { Row, RowStore } from './RowStore.ts';
import type { KeyValueState } from './views.ts';

/** A row store as rows by key. */
export function keyValueState<K, V>(store: RowStore<K, V>): KeyValueState<K, V> {
  type KeyRow = Row<V> & { readonly key: K };
  return {
    get: (key) => store.get(key, 0, 0),
    put: (key, value, timestamp) => store.put(key, 0, 0, value, timestamp),
    delete: (key) => store.delete(key, 0, 0),
    range: (from, to, o): Iterable<KeyRow> => store.range(from, to, o),
    all: (o): Iterable<KeyRow> => store.range(null, null, o),
    prefix: (bytes): Iterable<KeyRow> => store.prefix(bytes),
  };
}
