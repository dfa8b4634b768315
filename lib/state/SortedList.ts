const chunkLimit = 128;

/**
 * Items in order, without duplicates: sorted chunks in a sorted list of chunks. Adding at the
 * end, the usual case of times, costs one comparison; anything else two binary searches and a
 * short move. A cursor stays right while items come and go: it seeks its place again.
 */
export class SortedList<T> {
  readonly #compare: (a: T, b: T) => number;
  #chunks: T[][] = [];
  #size = 0;
  /** Grows with each change: cursors notice by it. */
  version = 0;
  // Where the last seek ended: two numbers, so that a seek makes no object.
  #chunk = 0;
  #index = 0;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  /** Takes over items in any order. */
  static of<T>(items: readonly T[], compare: (a: T, b: T) => number): SortedList<T> {
    const list = new SortedList(compare);
    const sorted = items.slice().sort(compare);
    for (let i = 0; i < sorted.length; i += chunkLimit / 2) {
      list.#chunks.push(sorted.slice(i, i + chunkLimit / 2));
    }
    list.#size = sorted.length;
    return list;
  }

  get size(): number {
    return this.#size;
  }

  first(): T | undefined {
    return this.#chunks[0]?.[0];
  }

  last(): T | undefined {
    const chunk = this.#chunks[this.#chunks.length - 1];
    return chunk?.[chunk.length - 1];
  }

  /** The item that compares equal. */
  find(probe: T): T | undefined {
    this.#seek(probe, false);
    const item = this.#chunks[this.#chunk]?.[this.#index];
    return item !== undefined && this.#compare(item, probe) === 0 ? item : undefined;
  }

  /** Adds an item that is not in the list. */
  add(item: T): void {
    this.version++;
    this.#size++;
    const last = this.last();
    if (last === undefined) {
      this.#chunks.push([item]);
      return;
    }
    if (this.#compare(last, item) < 0) {
      this.#append(item);
      return;
    }
    this.#seek(item, false);
    const chunk = this.#chunks[this.#chunk] as T[];
    chunk.splice(this.#index, 0, item);
    if (chunk.length > chunkLimit) {
      this.#chunks.splice(this.#chunk + 1, 0, chunk.splice(chunkLimit >> 1));
    }
  }

  /** Removes the item that compares equal; false when there is none. */
  remove(item: T): boolean {
    this.#seek(item, false);
    const chunk = this.#chunks[this.#chunk];
    const found = chunk?.[this.#index];
    if (chunk === undefined || found === undefined || this.#compare(found, item) !== 0) {
      return false;
    }
    this.version++;
    this.#size--;
    if (chunk.length === 1) this.#chunks.splice(this.#chunk, 1);
    else if (this.#index === 0) chunk.shift();
    else chunk.splice(this.#index, 1);
    return true;
  }

  /**
   * Items from `from` on (null: from the beginning, or end when `reverse`). Compare equal:
   * included.
   */
  cursor(from: T | null, reverse: boolean): Cursor<T> {
    return new Cursor(this, from, reverse);
  }

  /** The place of the first item not before the probe (`after`: behind it), packed for a cursor. */
  place(probe: T | null, after: boolean, into: Place): void {
    if (probe === null) {
      this.#chunk = after ? this.#chunks.length : 0;
      this.#index = 0;
    } else {
      this.#seek(probe, after);
    }
    into.chunk = this.#chunk;
    into.index = this.#index;
  }

  at(place: Place): T | undefined {
    return this.#chunks[place.chunk]?.[place.index];
  }

  forward(place: Place): void {
    const chunk = this.#chunks[place.chunk];
    if (chunk !== undefined && ++place.index >= chunk.length) {
      place.chunk++;
      place.index = 0;
    }
  }

  /** False at the beginning. */
  back(place: Place): boolean {
    if (place.index > 0) {
      place.index--;
      return true;
    }
    const before = this.#chunks[place.chunk - 1];
    if (before === undefined) return false;
    place.chunk--;
    place.index = before.length - 1;
    return true;
  }

  #append(item: T): void {
    const chunk = this.#chunks[this.#chunks.length - 1] as T[];
    if (chunk.length < chunkLimit) chunk.push(item);
    else this.#chunks.push([item]);
  }

  #seek(probe: T, after: boolean): void {
    const chunks = this.#chunks;
    const compare = this.#compare;
    const bound = after ? 1 : 0;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const chunk = chunks[middle] as T[];
      if (compare(chunk[chunk.length - 1] as T, probe) < bound) low = middle + 1;
      else high = middle;
    }
    this.#chunk = low;
    const chunk = chunks[low];
    low = 0;
    high = chunk === undefined ? 0 : chunk.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare((chunk as T[])[middle] as T, probe) < bound) low = middle + 1;
      else high = middle;
    }
    this.#index = low;
  }
}

/** A place in a sorted list. */
export interface Place {
  chunk: number;
  index: number;
}

/**
 * Walks a sorted list, whatever happens to it meanwhile: each item is met once, those added
 * behind it not at all.
 */
export class Cursor<T> implements Place {
  readonly #list: SortedList<T>;
  readonly #from: T | null;
  readonly #reverse: boolean;
  #version: number;
  #last: T | undefined = undefined;
  chunk = 0;
  index = 0;

  constructor(list: SortedList<T>, from: T | null, reverse: boolean) {
    this.#list = list;
    this.#from = from;
    this.#reverse = reverse;
    this.#version = list.version;
    list.place(from, reverse, this);
  }

  next(): T | undefined {
    const list = this.#list;
    if (this.#version !== list.version) this.#seekAgain();
    if (this.#reverse && !list.back(this)) return undefined;
    const item = list.at(this);
    if (item === undefined) return undefined;
    this.#last = item;
    if (!this.#reverse) list.forward(this);
    return item;
  }

  #seekAgain(): void {
    this.#version = this.#list.version;
    if (this.#last === undefined) this.#list.place(this.#from, this.#reverse, this);
    else this.#list.place(this.#last, !this.#reverse, this);
  }
}
