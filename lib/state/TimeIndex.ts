import type { RowEntry } from './RowEntry.ts';
import { SortedList } from './SortedList.ts';
import { nothing, single, type Walk } from './walks.ts';

/** Rows of one `major`: one, or a pile until somebody asks for their order. */
class TimeBucket<K, V> {
  readonly major: number;
  #one: RowEntry<K, V> | null = null;
  #pile: RowEntry<K, V>[] | null = null;
  #ordered: SortedList<RowEntry<K, V>> | null = null;

  constructor(major: number) {
    this.major = major;
  }

  add(entry: RowEntry<K, V>): void {
    if (this.#ordered !== null) {
      this.#ordered.add(entry);
    } else if (this.#pile !== null) {
      entry.at = this.#pile.push(entry) - 1;
    } else if (this.#one === null) {
      this.#one = entry;
    } else {
      this.#pile = [this.#one, entry];
      this.#one.at = 0;
      entry.at = 1;
      this.#one = null;
    }
  }

  /** True: it was the last. */
  remove(entry: RowEntry<K, V>): boolean {
    if (this.#ordered !== null) {
      this.#ordered.remove(entry);
      return this.#ordered.size === 0;
    }
    const pile = this.#pile;
    if (pile === null) {
      this.#one = null;
      return true;
    }
    const last = pile.pop() as RowEntry<K, V>;
    if (last !== entry) {
      pile[entry.at] = last;
      last.at = entry.at;
    }
    return pile.length === 0;
  }

  any(): RowEntry<K, V> | undefined {
    if (this.#ordered !== null) return this.#ordered.last();
    return this.#pile === null ? (this.#one ?? undefined) : this.#pile[this.#pile.length - 1];
  }

  inOrder(
    byKey: (a: RowEntry<K, V>, b: RowEntry<K, V>) => number,
    reverse: boolean,
  ): Walk<RowEntry<K, V>> {
    if (this.#one !== null) return single(this.#one);
    if (this.#ordered === null) {
      this.#ordered = SortedList.of(this.#pile ?? [], byKey);
      this.#pile = null;
    }
    return this.#ordered.cursor(null, reverse);
  }
}

/**
 * A store's rows by (major, key, minor). Windows open in order of time and close whole, so rows lie
 * in buckets by `major`: a row is added and removed without a comparison of keys.
 */
export class TimeIndex<K, V> {
  readonly #byKey: (a: RowEntry<K, V>, b: RowEntry<K, V>) => number;
  #buckets = new SortedList<TimeBucket<K, V>>((a, b) => a.major - b.major);
  #recent: TimeBucket<K, V> | null = null;

  constructor(byKey: (a: RowEntry<K, V>, b: RowEntry<K, V>) => number) {
    this.#byKey = byKey;
  }

  add(entry: RowEntry<K, V>): void {
    (this.#bucketOf(entry.major) ?? this.#newBucket(entry.major)).add(entry);
  }

  remove(entry: RowEntry<K, V>): void {
    const bucket = this.#bucketOf(entry.major);
    if (bucket === undefined || !bucket.remove(entry)) return;
    this.#buckets.remove(bucket);
    this.#recent = null;
  }

  clear(): void {
    this.#buckets = new SortedList((a, b) => a.major - b.major);
    this.#recent = null;
  }

  /** A row with major < `before`, in no order. */
  anyBefore(before: number): RowEntry<K, V> | undefined {
    const bucket = this.#buckets.first();
    return bucket === undefined || bucket.major >= before ? undefined : bucket.any();
  }

  between(from: number, to: number, reverse: boolean): Walk<RowEntry<K, V>> {
    const first = this.#buckets.first();
    if (first === undefined || first.major > to) return nothing;
    const buckets = this.#buckets.cursor(new TimeBucket(reverse ? to : from), reverse);
    let entries: Walk<RowEntry<K, V>> = nothing;
    return {
      next: () => {
        for (;;) {
          const entry = entries.next();
          if (entry !== undefined) return entry;
          const bucket = buckets.next();
          if (bucket === undefined || (reverse ? bucket.major < from : bucket.major > to)) {
            return undefined;
          }
          entries = bucket.inOrder(this.#byKey, reverse);
        }
      },
    };
  }

  #bucketOf(major: number): TimeBucket<K, V> | undefined {
    const recent = this.#recent;
    if (recent !== null && recent.major === major) return recent;
    const last = this.#buckets.last();
    if (last === undefined || last.major < major) return undefined;
    const first = this.#buckets.first() as TimeBucket<K, V>;
    const found =
      last.major === major
        ? last
        : first.major === major
          ? first
          : this.#buckets.find(new TimeBucket(major));
    if (found !== undefined) this.#recent = found;
    return found;
  }

  #newBucket(major: number): TimeBucket<K, V> {
    const bucket = new TimeBucket<K, V>(major);
    this.#buckets.add(bucket);
    this.#recent = bucket;
    return bucket;
  }
}
