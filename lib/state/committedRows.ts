import type { Overlay } from './Overlay.ts';
import type { RowEntry } from './RowEntry.ts';
import type { RowStore } from './RowStore.ts';
import type { RowTable } from './RowTable.ts';
import { merged, PlacedRows, type Walk } from './walks.ts';

/** A store's committed reads. */
export type CommittedRows<K, V> = Pick<RowStore<K, V>, 'get' | 'ofKey' | 'range' | 'byTime'>;

/** A store's rows as of the last commit, for queries: what operators wrote since is not seen. */
export function committedRows<K, V>(
  table: RowTable<K, V>,
  overlay: Overlay<K, V>,
): CommittedRows<K, V> {
  return {
    get: (key, major, minor) => table.find(key, major, minor)?.base,
    ofKey: (key, from, to, o) =>
      bases(
        committedWalk(overlay, {
          live: table.ofKey(key, from, to, o?.reverse ?? false),
          isMeant: ofKey(table, key, from, to),
          compare: directed((a, b) => table.compareByKey(a, b), o?.reverse),
        }),
      ),
    range: (from, to, o) =>
      bases(
        committedWalk(overlay, {
          live: table.range(from, to, o?.reverse ?? false),
          isMeant: inRange(table, from, to),
          compare: directed((a, b) => table.compareByKey(a, b), o?.reverse),
        }),
      ),
    byTime: (from, to, o) =>
      bases(
        committedWalk(overlay, {
          live: table.byTime(from, to, o?.reverse ?? false),
          isMeant: (entry) => entry.major >= from && entry.major <= to,
          compare: directed((a, b) => table.compareByTime(a, b), o?.reverse),
        }),
      ),
  };
}

type Compare<K, V> = (a: RowEntry<K, V>, b: RowEntry<K, V>) => number;

export interface Meant<K, V> {
  readonly live: Walk<RowEntry<K, V>>;
  readonly isMeant: (entry: RowEntry<K, V>) => boolean;
  readonly compare: Compare<K, V>;
}

/**
 * The rows operators see, and among them the committed ones they have deleted since: no walk
 * over a table meets those.
 */
export function committedWalk<K, V>(
  overlay: Overlay<K, V>,
  { live, isMeant, compare }: Meant<K, V>,
): Walk<RowEntry<K, V>> {
  const gone: RowEntry<K, V>[] = [];
  for (const entry of overlay.changed()) {
    if (entry.current === undefined && entry.base !== undefined && isMeant(entry)) gone.push(entry);
  }
  if (gone.length === 0) return live;
  gone.sort(compare);
  let next = 0;
  return merged(live, { next: () => gone[next++] }, compare);
}

export function ofKey<K, V>(
  table: RowTable<K, V>,
  key: K,
  from: number,
  to: number,
): (entry: RowEntry<K, V>) => boolean {
  const order = table.order.orderOf(key);
  return (e) => e.major >= from && e.major <= to && table.orderOfEntry(e) === order;
}

export function inRange<K, V>(
  table: RowTable<K, V>,
  from: K | null,
  to: K | null,
): (entry: RowEntry<K, V>) => boolean {
  const lowest = from === null ? null : table.order.orderOf(from);
  const highest = to === null ? null : table.order.orderOf(to);
  return (entry) => {
    const order = table.orderOfEntry(entry);
    return (lowest === null || order >= lowest) && (highest === null || order <= highest);
  };
}

export function directed<K, V>(compare: Compare<K, V>, reverse = false): Compare<K, V> {
  return reverse ? (a, b) => compare(b, a) : compare;
}

export function bases<K, V>(walk: Walk<RowEntry<K, V>>): PlacedRows<K, V> {
  return new PlacedRows(walk, (entry) => entry.base);
}
