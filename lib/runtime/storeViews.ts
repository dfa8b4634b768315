import type { Observable } from 'rxjs';
import { partitionForKey } from '../client/murmur2.ts';
import { StoreMovedError, StreamsError } from '../errors.ts';
import { Observable as RxObservable } from '../rx.ts';
import type { Serde } from '../serde/Serde.ts';
import type { ManagedStore, PlacedRow, Row } from '../state/RowStore.ts';
import { rowOf, type Version, versionAt } from '../state/versionedState.ts';
import type { StoreHost, StorePart } from './StoreHost.ts';

export type ViewOf = 'committed' | 'current';

/** Where a key's rows are. */
export interface Located {
  readonly local: boolean;
  /** That instance's `endpoint` option; null when it has none or is not known. */
  readonly endpoint: string | null;
}

/** A row of a key-value store. */
export interface KeyValueRow<K, V> {
  readonly key: K;
  readonly value: V;
  readonly timestamp: number;
}

/**
 * A window's or session's row of one key. Windows: `end` is the start again, as a store does not
 * know their size.
 */
export interface SessionRow<V> {
  readonly start: number;
  readonly end: number;
  readonly value: V;
  readonly timestamp: number;
}

/** A window's or session's row with its key. */
export interface WindowedRow<K, V> extends SessionRow<V> {
  readonly key: K;
}

interface View<K, Answer, AllRows> {
  /**
   * Rejects with `StoreMovedError` when the key is elsewhere, with `STORE_NOT_READY` while the app
   * is not running.
   */
  get(key: K): Promise<Answer>;
  /** The answer now, and each time it changes: the latest, not every one on the way. */
  watch(key: K): Observable<Answer>;
  /** Where to ask for this key. */
  locate(key: K): Located;
  /** Everything that is on this instance. */
  all(): Promise<AllRows[]>;
}

/** A key-value or versioned store, as a program asks it. */
export interface KeyValueView<K, V> extends View<K, V | undefined, KeyValueRow<K, V>> {
  /** On this instance; inclusive, in order of the encoded keys; null bounds are open. */
  range(from: K | null, to: K | null): Promise<KeyValueRow<K, V>[]>;
}

/** A window or session store, as a program asks it. */
export type WindowView<K, V> = View<K, readonly SessionRow<V>[], WindowedRow<K, V>>;

type Rows = Pick<ManagedStore<unknown, unknown>, 'get' | 'ofKey' | 'range'>;

/** Asks the store's partitions on this instance. */
class Reader<K> {
  readonly #host: StoreHost;
  readonly #name: string;
  readonly #key: Serde<K>;
  readonly #view: ViewOf;

  constructor(host: StoreHost, name: string, key: Serde<K>, view: ViewOf) {
    this.#host = host;
    this.#name = name;
    this.#key = key;
    this.#view = view;
  }

  partitionOf(key: K): number {
    const bytes = this.#key.partitionBytes?.(key) ?? this.#key.encode(key);
    return partitionForKey(bytes, Math.max(1, this.#host.partitions(this.#name)));
  }

  locate(key: K): Located {
    const partition = this.partitionOf(key);
    const isHere = this.#host.isGlobal(this.#name) || this.#part(partition) !== undefined;
    return { local: isHere, endpoint: this.#host.endpointOf(this.#name, partition) };
  }

  /**
   * Looks where the key should be, then wherever else this instance has rows: partitioners may
   * differ.
   */
  find<A>(key: K, read: (rows: Rows) => A | undefined): A | undefined {
    this.checkReady();
    const partition = this.partitionOf(key);
    const home = this.#host.isGlobal(this.#name) ? this.#parts()[0] : this.#part(partition);
    const found = home === undefined ? undefined : read(this.#rows(home));
    if (found !== undefined) return found;
    for (const part of this.#parts()) {
      const elsewhere = part === home ? undefined : read(this.#rows(part));
      if (elsewhere !== undefined) return elsewhere;
    }
    if (home !== undefined) return undefined;
    throw new StoreMovedError(
      `The key's rows of '${this.#name}' are not on this instance: ask the endpoint that locate(key) tells.`,
      this.#host.endpointOf(this.#name, partition),
    );
  }

  all(): Rows[] {
    this.checkReady();
    return this.#parts().map((part) => this.#rows(part));
  }

  checkReady(): void {
    if (this.#host.isReady) return;
    throw new StreamsError(
      'STORE_NOT_READY',
      `The store '${this.#name}' cannot be asked while the app is not running: wait for start() to resolve, or for state$ to be 'running'.`,
    );
  }

  /** Tells `answer` again and again, when it is another than before. */
  watch<A>(answer: () => A, same: (a: A, b: A) => boolean): Observable<A> {
    return new RxObservable<A>((subscriber) => {
      let last: { readonly value: A } | null = null;
      const look = (): void => {
        if (!this.#host.isReady) return;
        try {
          const value = answer();
          if (last !== null && same(last.value, value)) return;
          last = { value };
          subscriber.next(value);
        } catch (error) {
          subscriber.error(error);
        }
      };
      look();
      subscriber.add(
        this.#host.changes$.subscribe({ next: look, complete: () => subscriber.complete() }),
      );
    });
  }

  #rows({ store }: StorePart): Rows {
    return this.#view === 'committed' ? store.committed() : store;
  }

  #parts(): readonly StorePart[] {
    return this.#host.parts(this.#name);
  }

  #part(partition: number): StorePart | undefined {
    return this.#parts().find((part) => part.partition === partition);
  }
}

/** What `app.store(handle)` answers for key-value and versioned stores. */
export function keyValueView<K, V>(
  host: StoreHost,
  handle: { readonly store: string; readonly key: Serde<K>; readonly kind: string },
  view: ViewOf,
): KeyValueView<K, V> {
  const reader = new Reader<K>(host, handle.store, handle.key, view);
  const isVersioned = handle.kind === 'versioned';
  const row = (rows: Rows, key: K): Row<V> | undefined =>
    isVersioned
      ? rowOf(versionAt(rows, key, Number.POSITIVE_INFINITY) as Row<Version<V>> | undefined)
      : (rows.get(key, 0, 0) as Row<V> | undefined);
  const get = (key: K): V | undefined => reader.find(key, (rows) => row(rows, key))?.value;
  const range = (from: K | null, to: K | null): KeyValueRow<K, V>[] =>
    reader.all().flatMap((rows) => listed<K, V>(rows.range(from, to), isVersioned));
  return {
    get: async (key) => get(key),
    watch: (key) => reader.watch(() => get(key), Object.is),
    locate: (key) => reader.locate(key),
    range: async (from, to) => range(from, to),
    all: async () => range(null, null),
  };
}

function listed<K, V>(
  rows: Iterable<PlacedRow<unknown, unknown>>,
  isVersioned: boolean,
): KeyValueRow<K, V>[] {
  const list: KeyValueRow<K, V>[] = [];
  if (!isVersioned) {
    for (const { key, value, timestamp } of rows) {
      list.push({ key: key as K, value: value as V, timestamp });
    }
    return list;
  }
  // Versions of one key follow one another, oldest first: the last one counts.
  let latest: PlacedRow<unknown, unknown> | null = null;
  const close = (): void => {
    const row = latest === null ? undefined : rowOf<V>(latest as Row<Version<V>>);
    if (row !== undefined)
      list.push({ key: latest?.key as K, value: row.value, timestamp: row.timestamp });
  };
  for (const row of rows) {
    if (latest !== null && row.key !== latest.key) close();
    latest = { ...row };
  }
  close();
  return list;
}

/** What `app.store(handle)` answers for window and session stores. */
export function windowView<K, V>(
  host: StoreHost,
  handle: { readonly store: string; readonly key: Serde<K>; readonly kind: string },
  view: ViewOf,
): WindowView<K, V> {
  const reader = new Reader<K>(host, handle.store, handle.key, view);
  const isSession = handle.kind === 'session';
  const shown = ({
    value,
    timestamp,
    major,
    minor,
  }: PlacedRow<unknown, unknown>): SessionRow<V> => ({
    start: isSession ? minor : major,
    end: major,
    value: value as V,
    timestamp,
  });
  const get = (key: K): readonly SessionRow<V>[] =>
    reader.find(key, (rows) => {
      const all = rows.ofKey(key, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
      const list = Array.from(all, shown);
      return list.length === 0 ? undefined : list;
    }) ?? [];
  return {
    get: async (key) => get(key),
    watch: (key) => reader.watch(() => get(key), sameRows),
    locate: (key) => reader.locate(key),
    all: async () =>
      reader
        .all()
        .flatMap((rows) =>
          Array.from(rows.range(null, null), (row) => ({ key: row.key as K, ...shown(row) })),
        ),
  };
}

function sameRows<V>(a: readonly SessionRow<V>[], b: readonly SessionRow<V>[]): boolean {
  return (
    a.length === b.length &&
    a.every((row, i) => {
      const other = b[i] as SessionRow<V>;
      return row.value === other.value && row.start === other.start && row.end === other.end;
    })
  );
}
