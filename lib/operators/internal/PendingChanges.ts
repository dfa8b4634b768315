import type { AnyRecord } from '../../model/record.ts';
import type { PlacedRow, RowStore } from '../../state/RowStore.ts';

interface Pending {
  /** As it came, not as the store would read it back: a windowed key knows when it closes. */
  readonly key: unknown;
  readonly value: unknown;
  /** The row as those behind know it. */
  readonly previous: unknown;
  readonly cause: AnyRecord;
}

/**
 * The last change of each key since the last commit, in the order in which the keys first changed.
 * As in Kafka Streams' cache a deletion of what those behind never saw is none, and one they do see
 * has no row to take its time from: it has its record's.
 *
 * It lives in a store without a changelog, so it is undone with the turn; nothing of it outlives
 * the commit.
 */
export class PendingChanges {
  readonly #rows: RowStore<unknown, Pending>;
  /** Orders the keys; that it is not set back with the turn leaves a gap, no more. */
  #sequence = 0;

  constructor(rows: RowStore<unknown, Pending>) {
    this.#rows = rows;
  }

  note(key: unknown, value: unknown, previous: unknown, timestamp: number, cause: AnyRecord): void {
    const [known] = this.#rows.ofKey(key, 0, Number.MAX_SAFE_INTEGER);
    const place = known === undefined ? this.#sequence++ : known.major;
    const before = known === undefined ? previous : known.value.previous;
    this.#rows.put(key, place, 0, { key, value, previous: before, cause }, timestamp);
  }

  flush(
    emit: (
      key: unknown,
      value: unknown,
      previous: unknown,
      timestamp: number,
      cause: AnyRecord,
    ) => void,
  ): void {
    const all: PlacedRow<unknown, Pending>[] = [];
    for (const row of this.#rows.byTime(0, Number.MAX_SAFE_INTEGER)) all.push(row);
    for (const { key, major, minor, value, timestamp } of all) {
      this.#rows.delete(key, major, minor);
      if (value.value === null && value.previous === null) continue;
      const time = value.value === null ? value.cause.timestamp : timestamp;
      emit(value.key, value.value, value.previous, time, value.cause);
    }
  }
}
