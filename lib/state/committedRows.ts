import type { Overlay } from './Overlay.ts';
import type { RowEntry } from './RowEntry.ts';
import type { PlacedRow, RowStore } from './RowStore.ts';
import type { RowTable } from './RowTable.ts';
import { PlacedRows, type Walk } from './walks.ts';

/** A store's rows as of the last commit, for queries: what operators wrote since is not seen. */
export function committedRows<K, V>(
  table: RowTable<K, V>,
  overlay: Overlay<K, V>,
): Pick<RowStore<K, V>, 'get' | 'ofKey' | 'range' | 'byTime'> {
  /** Committed rows that operators have deleted since: no walk over the table meets them. */
  function hidden(isMeant: (entry: RowEntry<K, V>) => boolean): RowEntry<K, V>[] {
    const entries: RowEntry<K, V>[] = [];
    for (const entry of overlay.changed()) {
      if (entry.current === undefined && entry.base !== undefined && isMeant(entry))
        entries.push(entry);
    }
    return entries;
  }

  return {
    get: (key, major, minor) => table.find(key, major, minor)?.base,
    ofKey(key, from, to, o) {
      const reverse = o?.reverse ?? false;
      const order = table.order.orderOf(key);
      const gone = hidden(
        (e) => e.major >= from && e.major <= to && table.orderOfEntry(e) === order,
      );
      const compare = directed(table.compareByKey.bind(table), reverse);
      return merged(table.ofKey(key, from, to, reverse), gone, compare);
    },
    range(from, to, o) {
      const reverse = o?.reverse ?? false;
      const lowest = from === null ? null : table.order.orderOf(from);
      const highest = to === null ? null : table.order.orderOf(to);
      const gone = hidden((entry) => {
        const order = table.orderOfEntry(entry);
        return (lowest === null || order >= lowest) && (highest === null || order <= highest);
      });
      const compare = directed(table.compareByKey.bind(table), reverse);
      return merged(table.range(from, to, reverse), gone, compare);
    },
    byTime(from, to, o) {
      const reverse = o?.reverse ?? false;
      const gone = hidden((e) => e.major >= from && e.major <= to);
      const compare = directed(table.compareByTime.bind(table), reverse);
      return merged(table.byTime(from, to, reverse), gone, compare);
    },
  };
}

type Compare<K, V> = (a: RowEntry<K, V>, b: RowEntry<K, V>) => number;

function directed<K, V>(compare: Compare<K, V>, reverse: boolean): Compare<K, V> {
  return reverse ? (a, b) => compare(b, a) : compare;
}

function merged<K, V>(
  live: Walk<RowEntry<K, V>>,
  gone: RowEntry<K, V>[],
  compare: Compare<K, V>,
): Iterable<PlacedRow<K, V>> {
  gone.sort(compare);
  let next = 0;
  let entry = live.next();
  const both: Walk<RowEntry<K, V>> = {
    next() {
      const aside = gone[next];
      if (aside !== undefined && (entry === undefined || compare(aside, entry) < 0)) {
        next++;
        return aside;
      }
      const first = entry;
      entry = live.next();
      return first;
    },
  };
  return new PlacedRows(both, (e) => e.base);
}
