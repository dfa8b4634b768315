import type { Row } from './RowStore.ts';
import { SortedList } from './SortedList.ts';

/**
 * One place of a store with its versions: what operators see, what a commit in flight holds, and what is
 * committed. Base and overlays lie together, so that a read is one look-up and an untouched row costs nothing.
 */
export class RowEntry<K, V> {
  readonly rows: KeyRows<K, V>;
  readonly major: number;
  readonly minor: number;
  /** As operators see it; undefined: deleted, or never there. */
  current: Row<V> | undefined = undefined;
  /** As the commit in flight has it, while `inFlight`. */
  frozen: Row<V> | undefined = undefined;
  /** As committed. */
  base: Row<V> | undefined = undefined;
  /** Written since the last freeze. */
  dirty = false;
  inFlight = false;
  /** Its index in its time bucket's pile. */
  at = 0;

  constructor(rows: KeyRows<K, V>, major: number, minor: number) {
    this.rows = rows;
    this.major = major;
    this.minor = minor;
  }
}

/** Entries of one key by (major, minor). Most keys have one: only more make a list. */
export class EntrySet<K, V> {
  one: RowEntry<K, V> | null = null;
  many: SortedList<RowEntry<K, V>> | null = null;

  get isEmpty(): boolean {
    return this.one === null && (this.many === null || this.many.size === 0);
  }

  add(entry: RowEntry<K, V>): void {
    if (this.many !== null) {
      this.many.add(entry);
    } else if (this.one === null) {
      this.one = entry;
    } else {
      this.many = SortedList.of([this.one, entry], byPlace);
      this.one = null;
    }
  }

  remove(entry: RowEntry<K, V>): void {
    if (this.one === entry) this.one = null;
    else if (this.many?.remove(entry) === true && this.many.size === 0) this.many = null;
  }

  find(probe: RowEntry<K, V>): RowEntry<K, V> | undefined {
    const { one, many } = this;
    if (many !== null) return many.find(probe);
    return one !== null && one.major === probe.major && one.minor === probe.minor ? one : undefined;
  }
}

/** What a store has of one key: the rows operators see, and aside the places of those that are gone but not yet committed so. */
export class KeyRows<K, V> extends EntrySet<K, V> {
  readonly key: K;
  /** The primitive it is known by. */
  readonly id: unknown;
  /** Text whose order is that of the encoded key's bytes; made when first needed. */
  order: string | null = null;
  /** The entry found last: the next look-up is often for the same. */
  recent: RowEntry<K, V> | null = null;
  gone: EntrySet<K, V> | null = null;

  constructor(key: K, id: unknown) {
    super();
    this.key = key;
    this.id = id;
  }
}

interface Numbers {
  readonly major: number;
  readonly minor: number;
}

export function byPlace(a: Numbers, b: Numbers): number {
  return a.major - b.major || a.minor - b.minor;
}
