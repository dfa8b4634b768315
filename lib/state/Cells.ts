import { cellKey, encodeNumbers } from './changelog.ts';
import type { RowBytes, StoreCell } from './RowStore.ts';

type Numbers = readonly number[] | undefined;

class Cell implements StoreCell {
  readonly name: string;
  readonly #cells: Cells;
  current: Numbers = undefined;
  frozen: Numbers = undefined;
  base: Numbers = undefined;
  dirty = false;
  inFlight = false;
  /** What it held before the turn of this number. */
  before: Numbers = undefined;
  turn = 0;

  constructor(name: string, cells: Cells) {
    this.name = name;
    this.#cells = cells;
  }

  get(): Numbers {
    return this.current;
  }

  set(numbers: readonly number[]): void {
    if (same(this.current, numbers)) return;
    this.#cells.note(this);
    this.current = numbers.slice();
  }
}

/** The cells of a store: they go through turns and commits as its rows do. */
export class Cells {
  readonly #cells = new Map<string, Cell>();
  #touched: Cell[] = [];
  #dirty: Cell[] = [];
  #inFlight: Cell[] = [];
  #turn = 0;

  get dirtyCount(): number {
    return this.#dirty.length;
  }

  of(name: string): StoreCell {
    return this.#cell(name);
  }

  beginTurn(): void {
    this.#turn++;
    if (this.#touched.length > 0) this.#touched = [];
  }

  rollbackTurn(): void {
    for (const cell of this.#touched) {
      cell.current = cell.before;
      cell.turn = 0;
    }
    this.#touched = [];
  }

  /** Before a cell changes. */
  note(cell: Cell): void {
    if (cell.turn !== this.#turn) {
      cell.turn = this.#turn;
      cell.before = cell.current;
      this.#touched.push(cell);
    }
    if (!cell.dirty) {
      cell.dirty = true;
      this.#dirty.push(cell);
    }
  }

  freeze(into: RowBytes[]): void {
    this.beginTurn();
    for (const cell of this.#dirty) {
      cell.dirty = false;
      if (cell.current === undefined || same(cell.base, cell.current)) continue;
      cell.frozen = cell.current;
      cell.inFlight = true;
      this.#inFlight.push(cell);
      into.push({ key: cellKey(cell.name), value: encodeNumbers(cell.current) });
    }
    this.#dirty = [];
  }

  publish(): void {
    for (const cell of this.#inFlight) {
      cell.base = cell.frozen;
      cell.inFlight = false;
    }
    this.#inFlight = [];
  }

  discard(): void {
    this.beginTurn();
    for (const cell of [...this.#inFlight, ...this.#dirty]) {
      cell.current = cell.base;
      cell.inFlight = false;
      cell.dirty = false;
    }
    this.#inFlight = [];
    this.#dirty = [];
  }

  restore(name: string, numbers: Numbers): void {
    const cell = this.#cell(name);
    cell.base = numbers;
    if (!cell.dirty && !cell.inFlight) cell.current = numbers;
  }

  clear(): void {
    this.discard();
    for (const cell of this.#cells.values()) {
      cell.base = undefined;
      cell.current = undefined;
    }
  }

  #cell(name: string): Cell {
    let cell = this.#cells.get(name);
    if (cell === undefined) {
      cell = new Cell(name, this);
      this.#cells.set(name, cell);
    }
    return cell;
  }
}

function same(a: Numbers, b: readonly number[]): boolean {
  if (a === undefined || a.length !== b.length) return false;
  for (let i = 0; i < b.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
