import { type AnyRecord, origin } from '../model/record.ts';
import type { StoreCell } from '../state/RowStore.ts';
import type { Turn, Undoable } from './Turn.ts';

/**
 * Which lanes time runs in. Records of ordinary topics share lane 0. Behind a repartition each
 * upstream task is a lane of its own, as their records arrive interleaved: there time is the
 * minimum of the lanes. Each group is `[first lane, last lane]`.
 */
export interface LaneLayout {
  readonly count: number;
  readonly groups: readonly (readonly [first: number, last: number])[];
}

/** All lanes there are without a repartition. */
export const oneLane: LaneLayout = { count: 1, groups: [[0, 0]] };

/**
 * An operator's stream time: the highest timestamp it has seen; behind a repartition the lowest of
 * what each upstream task has reached (the highest would make the slower tasks' records late). It
 * starts at -1, never goes back, is undone with the turn, and lives in a cell of the operator's
 * store, so decisions about late records are the same after a restart.
 */
export class StreamTime implements Undoable {
  /** In ms; -1: nothing seen. */
  time = -1;
  readonly #lanes: number[];
  readonly #layout: LaneLayout;
  readonly #turn: Turn;
  readonly #cell: StoreCell | null;
  #dirty = false;

  constructor(layout: LaneLayout, turn: Turn, cell: StoreCell | null) {
    this.#layout = layout;
    this.#turn = turn;
    this.#cell = cell;
    const saved = cell?.get();
    const fits = saved !== undefined && saved.length === layout.count + 1;
    this.#lanes = fits ? saved.slice(1) : new Array<number>(layout.count).fill(-1);
    if (saved !== undefined) this.time = saved[0] as number;
  }

  /** Takes the record's timestamp into account. */
  observe(record: AnyRecord): void {
    this.advance(record[origin].lane, record.timestamp);
  }

  /** One lane has reached this time. */
  advance(lane: number, time: number): void {
    const before = this.#lanes[lane] as number;
    if (time <= before) return;
    this.#turn.remember(this, lane, before);
    this.#lanes[lane] = time;
    this.#dirty = true;
    if (this.#layout.count === 1) this.#set(time);
    else if (before <= this.time) this.#set(this.#slowest());
  }

  /** All lanes have reached this time: the input counts as finished for now. */
  advanceAll(time: number): void {
    for (let lane = 0; lane < this.#lanes.length; lane++) this.advance(lane, time);
  }

  /** Into the store's cell; the task calls it before it commits. */
  persist(): void {
    if (!this.#dirty || this.#cell === null) return;
    this.#dirty = false;
    this.#cell.set([this.time, ...this.#lanes]);
  }

  /** Puts a lane back; slot -1 is the time itself. */
  undo(slot: number, before: number): void {
    if (slot < 0) this.time = before;
    else this.#lanes[slot] = before;
  }

  #set(time: number): void {
    if (time <= this.time) return;
    this.#turn.remember(this, -1, this.time);
    this.time = time;
  }

  #slowest(): number {
    let time = -1;
    for (const [first, last] of this.#layout.groups) {
      let group = this.#lanes[first] as number;
      for (let lane = first + 1; lane <= last; lane++) {
        group = Math.min(group, this.#lanes[lane] as number);
      }
      time = Math.max(time, group);
    }
    return time;
  }
}
