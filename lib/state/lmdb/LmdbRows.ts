import type { Database } from 'lmdb';
import { rowKeyOf, timeKey, timeKeyBound } from '../changelog.ts';
import { behind, joined, sectionPrefix } from '../checkpointKeys.ts';
import type { RowBytes } from '../RowStore.ts';
import type { SyncRows } from '../StateStorage.ts';

type Bytes = Uint8Array;

const firstPage = 32;
const largestPage = 512;

interface Range {
  readonly from: Bytes;
  readonly to: Bytes;
  readonly reverse: boolean;
}

/** Reads of an environment's committed rows. */
export class LmdbRows implements SyncRows {
  readonly #db: Database<Bytes, Bytes>;
  /** Which stores have the index of times; read once. */
  readonly #timed = new Map<string, boolean>();

  constructor(db: Database<Bytes, Bytes>) {
    this.#db = db;
  }

  isTimed(store: string): boolean {
    let timed = this.#timed.get(store);
    if (timed === undefined) {
      timed = this.#db.getBinary(timedMark(store)) !== undefined;
      this.#timed.set(store, timed);
    }
    return timed;
  }

  get(store: string, key: Bytes): Bytes | undefined {
    return this.#db.getBinary(joined(sectionPrefix(store, 'rows'), key));
  }

  *range(
    store: string,
    from: Bytes,
    to: Bytes | null,
    o?: { readonly reverse?: boolean },
  ): Iterable<RowBytes> {
    const prefix = sectionPrefix(store, 'rows');
    const bounds = {
      from: joined(prefix, from),
      to: to === null ? behind(prefix) : joined(prefix, to),
      reverse: o?.reverse ?? false,
    };
    for (const { key, value } of this.#pages(bounds)) {
      yield { key: key.subarray(prefix.length), value };
    }
  }

  indexTime(store: string): void {
    if (this.isTimed(store)) return;
    const prefix = sectionPrefix(store, 'times');
    // The store had no such index until now: one transaction makes it of its rows.
    this.#db.transactionSync(() => {
      for (const { key } of this.range(store, new Uint8Array(), null)) {
        const time = timeKey(key);
        if (time !== null) this.#db.putSync(joined(prefix, time), new Uint8Array());
      }
      this.#db.putSync(timedMark(store), new Uint8Array([1]));
    });
    this.#db.resetReadTxn();
    this.#timed.set(store, true);
  }

  *timeRange(
    store: string,
    fromMajor: number,
    toMajor: number,
    o?: { readonly reverse?: boolean },
  ): Iterable<RowBytes> {
    const prefix = sectionPrefix(store, 'times');
    const last = toMajor === Infinity ? prefix : joined(prefix, timeKeyBound(toMajor));
    const bounds = {
      from: joined(prefix, timeKeyBound(fromMajor)),
      to: behind(last),
      reverse: o?.reverse ?? false,
    };
    for (const { key } of this.#pages(bounds)) {
      const rowKey = rowKeyOf(key.subarray(prefix.length));
      const value = this.get(store, rowKey);
      if (value !== undefined) yield { key: rowKey, value };
    }
  }

  /**
   * Pages, not one long cursor: whoever stops in the middle leaves nothing open, and no
   * snapshot is held.
   */
  *#pages({ from, to, reverse }: Range): Generator<{ key: Bytes; value: Bytes }, void> {
    // LMDB answers a row even of a range that ends before it begins.
    if (!isBefore(from, to)) return;
    let limit = firstPage;
    let last: Bytes | null = null;
    for (;;) {
      const start: Bytes = last ?? (reverse ? to : from);
      const page: { key: Bytes; value: Bytes }[] = [
        ...this.#db.getRange({
          start,
          end: reverse ? from : to,
          exclusiveStart: reverse || last !== null,
          inclusiveEnd: reverse,
          reverse,
          limit,
        }),
      ];
      for (const { key, value } of page) yield { key, value };
      if (page.length < limit) return;
      last = page[page.length - 1]?.key ?? null;
      limit = Math.min(limit * 2, largestPage);
    }
  }
}

function isBefore(a: Bytes, b: Bytes): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return a.length < b.length;
}

/**
 * Says that all rows of a store are in its index of times, by whatever version of the app they
 * were written.
 */
function timedMark(store: string): Bytes {
  return sectionPrefix(store, 'timed');
}
