import type { Row } from './RowStore.ts';
import { SortedList } from './SortedList.ts';

/**
 * One place of a store with its versions: what operators see, what a commit in flight holds,
 * and what is committed. Base and overlays lie together, so that a read is one look-up and an
 * untouched row costs nothing.
 */
export class RowEntry<K, V> {
  /** As operators see it; undefined: deleted, or never there. */
  current: Row<V> | undefined = undefined;
  /** As committed. */
  base: Row<V> | undefined = undefined;
  /** Written since the last freeze. */
  dirty = false;
  inFlight = false;
  /** As the commit in flight has it, while `inFlight`. */
  frozen: Row<V> | undefined = undefined;
  readonly rows: KeyRows<K, V>;
  readonly major: number;
  readonly minor: number;
  /** Its index in its time bucket's pile. */
  at = 0;
  /** Of stores whose base is a storage: the base has been read. */
  isKnown = false;

  /** Null: the rows of a key are themselves the entry of its place (0, 0). */
  constructor(rows: KeyRows<K, V> | null, major: number, minor: number) {
    this.rows = rows ?? (this as unknown as KeyRows<K, V>);
    this.major = major;
    this.minor = minor;
  }

  /** Nothing is known of it, in no version. */
  get isVoid(): boolean {
    return this.current === undefined && this.base === undefined && !this.dirty && !this.inFlight;
  }
}

/**
 * What a store has of one key. It is the entry of the key's place (0, 0) too, the only one in a
 * key-value store: one object less to fetch from memory for each record.
 */
export class KeyRows<K, V> extends RowEntry<K, V> {
  readonly key: K;
  /** The primitive it is known by. */
  readonly id: unknown;
  /** The entry found last: the next look-up is often for the same. */
  recent: RowEntry<K, V> | null = null;
  /** The rows operators see, by (major, minor); null: none but that of (0, 0). */
  live: EntrySet<K, V> | null = null;
  /** Places whose rows are gone, but not yet committed so; (0, 0) is not among them. */
  gone: EntrySet<K, V> | null = null;
  /** Text whose order is that of the encoded key's bytes; made when first needed. */
  order: string | null = null;

  constructor(key: K, id: unknown) {
    super(null, 0, 0);
    this.key = key;
    this.id = id;
  }

  get isEmpty(): boolean {
    return this.live === null ? this.current === undefined : this.live.isEmpty;
  }

  /** An entry has got a row. */
  show(entry: RowEntry<K, V>): void {
    if (entry === this) {
      this.live?.add(entry);
      return;
    }
    if (this.gone !== null) {
      this.gone.remove(entry);
      if (this.gone.isEmpty) this.gone = null;
    }
    if (this.live === null) {
      this.live = new EntrySet();
      if (this.current !== undefined) this.live.add(this);
    }
    this.live.add(entry);
    this.recent = entry;
  }

  /** An entry has lost its row. */
  hide(entry: RowEntry<K, V>): void {
    this.live?.remove(entry);
    if (entry === this) return;
    if (this.recent === entry) this.recent = null;
    this.gone ??= new EntrySet();
    this.gone.add(entry);
  }

  /** An entry without a row is of no use any more. True: nor is the key. */
  forget(entry: RowEntry<K, V>): boolean {
    if (this.gone !== null && entry !== this) {
      this.gone.remove(entry);
      if (this.gone.isEmpty) this.gone = null;
    }
    return this.gone === null && this.isEmpty && this.isVoid;
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
      this.many = new SortedList<RowEntry<K, V>>(byPlace);
      this.many.add(this.one);
      this.many.add(entry);
      this.one = null;
    }
  }

  remove(entry: RowEntry<K, V>): void {
    if (this.one === entry) this.one = null;
    else this.many?.remove(entry);
  }

  find(probe: RowEntry<K, V>): RowEntry<K, V> | undefined {
    const { one, many } = this;
    if (many !== null) return many.find(probe);
    return one !== null && one.major === probe.major && one.minor === probe.minor ? one : undefined;
  }
}

interface Numbers {
  readonly major: number;
  readonly minor: number;
}

export function byPlace(a: Numbers, b: Numbers): number {
  return a.major - b.major || a.minor - b.minor;
}
