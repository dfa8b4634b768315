import type { ManagedStore, PlacedRow, Row, RowBytes } from '../state/RowStore.ts';
import { equal } from './storageSuite.ts';

/** What may happen to a store of text keys and numbers. */
export type StoreOp =
  | { readonly op: 'put'; readonly key: string; readonly major: number; readonly minor: number }
  | { readonly op: 'delete'; readonly key: string; readonly major: number; readonly minor: number }
  | { readonly op: 'expire'; readonly before: number }
  | { readonly op: 'cell'; readonly numbers: readonly number[] }
  | {
      readonly op:
        | 'begin turn'
        | 'roll back'
        | 'freeze'
        | 'publish'
        | 'discard'
        | 'restart'
        | 'read in order'
        | 'count';
    }
  | { readonly op: 'read'; readonly key: string; readonly from: number; readonly to: number };

/** A store, and what its task does for it. */
export interface StoreUnderTest {
  readonly store: ManagedStore<string, number>;
  /** Keeps a commit's rows, as the changelog and the checkpoint do. */
  readonly write: (rows: readonly RowBytes[]) => Promise<void>;
  /** The next task's store, restored from what was written. */
  readonly restarted: () => Promise<ManagedStore<string, number>>;
}

type Place = readonly [key: string, major: number, minor: number];
type Rows = Map<string, PlacedRow<string, number>>;

interface Version {
  readonly rows: Rows;
  readonly cell: readonly number[] | undefined;
}

const cellName = 'time';
const utf8 = new TextEncoder();

/**
 * Runs a sequence on a store and on plain maps, and compares all they can be asked after each
 * step.
 */
export async function runStoreOps(made: StoreUnderTest, ops: readonly StoreOp[]): Promise<void> {
  const model = new StoreModel(made);
  for (const op of ops) {
    await model.apply(op);
    model.compare(op);
  }
}

class StoreModel {
  readonly #made: StoreUnderTest;
  #store: ManagedStore<string, number>;
  #base: Version = { rows: new Map(), cell: undefined };
  #frozen: Version | null = null;
  #current: Version = { rows: new Map(), cell: undefined };
  #turn: Version | null = null;
  #puts = 0;

  constructor(made: StoreUnderTest) {
    this.#made = made;
    this.#store = made.store;
  }

  async apply(op: StoreOp): Promise<void> {
    const store = this.#store;
    switch (op.op) {
      case 'put': {
        const [value, timestamp] = [++this.#puts, 1_700_000_000_000 + this.#puts];
        store.put(op.key, op.major, op.minor, value, timestamp);
        const { key, major, minor } = op;
        this.#change((rows) =>
          rows.set(idOf(key, major, minor), { key, major, minor, value, timestamp }),
        );
        return;
      }
      case 'delete':
        store.delete(op.key, op.major, op.minor);
        this.#change((rows) => rows.delete(idOf(op.key, op.major, op.minor)));
        return;
      case 'expire':
        if (!store.options.timeIndex) return;
        store.expire(op.before);
        this.#change((rows) => {
          for (const [id, row] of rows) if (row.major < op.before) rows.delete(id);
        });
        return;
      case 'cell':
        store.cell(cellName).set(op.numbers);
        this.#current = { rows: this.#current.rows, cell: op.numbers };
        return;
      case 'begin turn':
        store.beginTurn();
        this.#turn = this.#current;
        return;
      case 'roll back':
        if (this.#turn === null) return;
        store.rollbackTurn();
        this.#current = this.#turn;
        return;
      case 'read':
        this.#compareKey(op.key, op.from, op.to);
        return;
      case 'read in order':
        this.#compareInOrder(store, this.#current.rows);
        this.#compareInOrder(store.committed(), this.#base.rows);
        return;
      case 'count':
        equal(store.size, this.#current.rows.size);
        return;
      default:
        await this.#commitOp(op.op);
    }
  }

  async #commitOp(op: 'freeze' | 'publish' | 'discard' | 'restart'): Promise<void> {
    const store = this.#store;
    if (op === 'freeze') {
      if (this.#frozen !== null) return;
      const rows = store.freeze();
      this.#turn = null;
      this.#frozen = this.#current;
      if (store.isDirty || store.dirtyBytes !== 0) throw new Error('dirty after a freeze');
      this.#unpublished = rows;
    } else if (op === 'publish') {
      if (this.#frozen === null) return;
      await this.#made.write(this.#unpublished);
      store.publish();
      this.#base = this.#frozen;
      this.#frozen = null;
    } else if (op === 'discard') {
      store.discard();
      this.#turn = null;
      this.#frozen = null;
      this.#current = this.#base;
    } else {
      this.#store = await this.#made.restarted();
      this.#turn = null;
      this.#frozen = null;
      this.#current = this.#base;
    }
  }

  #unpublished: readonly RowBytes[] = [];

  /** What can be asked cheaply, after each step. */
  compare(op: StoreOp): void {
    const store = this.#store;
    equal(store.cell(cellName).get(), this.#current.cell);
    if (!('key' in op)) return;
    const places: Place[] = [[op.key, 0, 0]];
    if ('major' in op) places.push([op.key, op.major, op.minor]);
    for (const place of places) {
      equal(store.get(...place), rowAt(this.#current.rows, place));
      equal(store.committed().get(...place), rowAt(this.#base.rows, place));
    }
  }

  #compareKey(key: string, from: number, to: number): void {
    const meant = (row: PlacedRow<string, number>) =>
      row.key === key && row.major >= from && row.major <= to;
    const store = this.#store;
    const views = [
      [store, this.#current.rows],
      [store.committed(), this.#base.rows],
    ] as const;
    for (const [view, rows] of views) {
      for (const reverse of [false, true]) {
        equal([...view.ofKey(key, from, to, { reverse })], sorted(rows, byKey, reverse, meant));
      }
    }
  }

  #compareInOrder(view: Pick<ManagedStore<string, number>, 'range' | 'byTime'>, rows: Rows): void {
    const keys = [...new Set([...rows.values()].map((row) => row.key))];
    const middle = keys[keys.length >> 1] ?? 'm';
    for (const reverse of [false, true]) {
      for (const [from, to] of [
        [null, null],
        [null, middle],
        [middle, null],
        [middle, middle],
      ] as const) {
        const meant = ({ key }: PlacedRow<string, number>) =>
          (from === null || order(key, from) >= 0) && (to === null || order(key, to) <= 0);
        equal([...view.range(from, to, { reverse })], sorted(rows, byKey, reverse, meant));
      }
      if (!this.#store.options.timeIndex) continue;
      for (const [from, to] of [
        [-Infinity, Infinity],
        [2, 4],
      ] as const) {
        const meant = (row: PlacedRow<string, number>) => row.major >= from && row.major <= to;
        equal([...view.byTime(from, to, { reverse })], sorted(rows, byTime, reverse, meant));
      }
    }
    if (view !== this.#store) return;
    const bytes = utf8.encode(middle).subarray(0, 2);
    const meant = ({ key }: PlacedRow<string, number>) => {
      const encoded = utf8.encode(key);
      return encoded.length >= bytes.length && bytes.every((byte, i) => byte === encoded[i]);
    };
    equal([...this.#store.prefix(bytes)], sorted(rows, byKey, false, meant));
  }

  #change(change: (rows: Rows) => void): void {
    const rows = new Map(this.#current.rows);
    change(rows);
    this.#current = { rows, cell: this.#current.cell };
  }
}

function idOf(key: string, major: number, minor: number): string {
  return `${major}/${minor}/${key}`;
}

function rowAt(rows: Rows, place: Place): Row<number> | undefined {
  const row = rows.get(idOf(...place));
  return row === undefined ? undefined : { value: row.value, timestamp: row.timestamp };
}

type Compare = (a: PlacedRow<string, number>, b: PlacedRow<string, number>) => number;

const byKey: Compare = (a, b) => order(a.key, b.key) || a.major - b.major || a.minor - b.minor;
const byTime: Compare = (a, b) => a.major - b.major || order(a.key, b.key) || a.minor - b.minor;

/** The order of UTF-8 bytes. */
function order(a: string, b: string): number {
  const [first, second] = [utf8.encode(a), utf8.encode(b)];
  for (let i = 0; i < first.length && i < second.length; i++) {
    const difference = (first[i] as number) - (second[i] as number);
    if (difference !== 0) return difference;
  }
  return first.length - second.length;
}

function sorted(
  rows: Rows,
  compare: Compare,
  reverse: boolean,
  meant: (row: PlacedRow<string, number>) => boolean,
): readonly PlacedRow<string, number>[] {
  const all = [...rows.values()].filter(meant).sort(compare);
  return reverse ? all.reverse() : all;
}
