import type { RowEntry } from './RowEntry.ts';
import { SortedList } from './SortedList.ts';
import { nothing, type Walk } from './walks.ts';

/** Rows of one `major`: a pile until somebody asks for their order. */
class TimeBucket<K, V> {
  readonly major: number;
  pile: RowEntry<K, V>[] | null = [];
  ordered: SortedList<RowEntry<K, V>> | null = null;

  constructor(major: number) {
    this.major = major;
  }
}

/**
 * A store's rows by (major, key, minor). Windows open in order of time and close whole, so rows lie in buckets
 * by `major`: a row is added and removed without a comparison of keys.
 */
export class TimeIndex<K, V> {
  readonly #byKey: (a: RowEntry<K, V>, b: RowEntry<K, V>) => number;
  #buckets = new SortedList<TimeBucket<K, V>>((a, b) => a.major - b.major);
  #recent: TimeBucket<K, V> | null = null;

  constructor(byKey: (a: RowEntry<K, V>, b: RowEntry<K, V>) => number) {
    this.#byKey = byKey;
  }

  add(entry: RowEntry<K, V>): void {
    const bucket = this.#bucketOf(entry.major) ?? this.#newBucket(entry.major);
    if (bucket.pile === null) bucket.ordered?.add(entry);
    else entry.at = bucket.pile.push(entry) - 1;
  }

  remove(entry: RowEntry<K, V>): void {
    const bucket = this.#bucketOf(entry.major);
    if (bucket === undefined) return;
    const { pile, ordered } = bucket;
    if (pile === null) {
      ordered?.remove(entry);
    } else {
      const last = pile.pop() as RowEntry<K, V>;
      if (last !== entry) {
        pile[entry.at] = last;
        last.at = entry.at;
      }
    }
    if (pile === null ? ordered?.size === 0 : pile.length === 0) {
      this.#buckets.remove(bucket);
      this.#recent = null;
    }
  }

  clear(): void {
    this.#buckets = new SortedList((a, b) => a.major - b.major);
    this.#recent = null;
  }

  /** A row with major < `before`, in no order. */
  anyBefore(before: number): RowEntry<K, V> | undefined {
    const bucket = this.#buckets.first();
    if (bucket === undefined || bucket.major >= before) return undefined;
    return bucket.pile === null ? bucket.ordered?.last() : bucket.pile[bucket.pile.length - 1];
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
          entries = this.#inOrder(bucket).cursor(null, reverse);
        }
      },
    };
  }

  #inOrder(bucket: TimeBucket<K, V>): SortedList<RowEntry<K, V>> {
    if (bucket.ordered === null) {
      bucket.ordered = SortedList.of(bucket.pile ?? [], this.#byKey);
      bucket.pile = null;
    }
    return bucket.ordered;
  }

  #bucketOf(major: number): TimeBucket<K, V> | undefined {
    const recent = this.#recent;
    if (recent !== null && recent.major === major) return recent;
    const last = this.#buckets.last();
    if (last === undefined || last.major < major) return undefined;
    const found = last.major === major ? last : this.#buckets.find(new TimeBucket(major));
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
