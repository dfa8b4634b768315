import { StreamsError } from '../../errors.ts';
import { type AnyRecord, origin, tableChange } from '../../model/record.ts';
import { type Windowed, WindowedKey } from '../../model/Windowed.ts';
import { endOfTime } from '../../model/windows/TimeWindows.ts';
import type { ManagedStore, PlacedRow, RowStore } from '../../state/RowStore.ts';
import type { Kernel, NodeContext, TableView } from '../../topology/NodeContext.ts';
import type { StreamTime } from '../../topology/StreamTime.ts';
import type { Undoable } from '../../topology/Turn.ts';
import type { UntilTimeLimit } from '../untilTimeLimit.ts';
import type { UntilClose } from '../untilWindowCloses.ts';
import { type BufferedChange, placeIn } from './bufferedChange.ts';
import { ChangeCounter, ChangeGuard, placeOf } from './guards.ts';

type Waiting = PlacedRow<unknown, BufferedChange>;
const allTimes = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] as const;

/**
 * Semantics: Kafka Streams' KTableSuppressProcessor. Under a time limit `previous` is the row
 * before the last change, as it is there, though a change that was replaced while it waited has
 * never been seen behind; a final result has none.
 */
export function suppressKernel(node: NodeContext, until: UntilClose | UntilTimeLimit): Kernel {
  // What waits shows the row before to those behind.
  node.table(0).tellsPrevious?.(true);
  const held = new SuppressBuffer(node, until);
  const guard = new ChangeGuard(node);
  return {
    inputs: [
      (record) => {
        guard.check(record);
        held.time.observe(record);
        held.put(record);
        held.release();
        held.keepBounds(record);
      },
    ],
    onTime: () => held.release(),
    latestDue: () => held.latestDue(),
    view: held.view() as TableView<never, unknown>,
  };
}

/** The changes that wait, by (due time, key). */
class SuppressBuffer implements Undoable {
  readonly time: StreamTime;
  readonly #node: NodeContext;
  readonly #until: UntilClose | UntilTimeLimit;
  readonly #rows: RowStore<unknown, BufferedChange>;
  readonly #counter: ChangeCounter;
  /** Nothing is due before this: spares a look at the store for each record. */
  #nothingBefore: number = allTimes[0];
  /** -1: not summed up yet. */
  #bytes = -1;

  constructor(node: NodeContext, until: UntilClose | UntilTimeLimit) {
    this.time = node.streamTime('buffer');
    this.#node = node;
    this.#until = until;
    this.#rows = node.store('buffer');
    this.#counter = new ChangeCounter(node.turn);
  }

  /** An update of a change that waits keeps its place. */
  put(record: AnyRecord): void {
    const { key, value, timestamp, headers } = record;
    const previous = record.previous ?? null;
    const known = this.#find(key);
    const due = known?.major ?? this.#due(record);
    const prior = known === undefined ? previous : known.value.prior;
    const change = { value, prior, previous, headers, ...placeIn(record[origin]) };
    this.#sum(key, change, known);
    this.#rows.put(key, due, 0, change, timestamp);
    if (due < this.#nothingBefore) this.#setNothingBefore(due);
  }

  /** Emits what is due. */
  release(): void {
    const now = this.time.time;
    if (now < this.#nothingBefore) return;
    for (const row of [...this.#rows.byTime(allTimes[0], now)]) this.#emit(row);
    this.#setNothingBefore(this.#earliest());
  }

  /** When the last that will ever be due is; -1: nothing waits. */
  latestDue(): number {
    const [last] = this.#rows.byTime(allTimes[0], endOfTime - 1, { reverse: true });
    return last?.major ?? -1;
  }

  keepBounds(record: AnyRecord): void {
    const { maxRecords = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } =
      this.#until;
    const isOver = (): boolean => this.#rows.size > maxRecords || this.#bytes > maxBytes;
    if (!isOver()) return;
    if (this.#until.until === 'close' || this.#until.whenFull === 'fail') {
      throw new StreamsError(
        'SUPPRESS_BUFFER_FULL',
        `${this.#node.label}: ${this.#rows.size} changes ` +
          `wait${this.#bytes < 0 ? '' : ` (${this.#bytes} bytes)`}, more than the bound allows. ` +
          `Raise maxRecords or maxBytes, or use untilTimeLimit with whenFull: 'emit early'.`,
        { place: placeOf(this.#node, record) },
      );
    }
    while (isOver()) {
      const [oldest] = this.#rows.byTime(...allTimes);
      if (oldest === undefined) return;
      this.#emit(oldest);
    }
  }

  /** What those behind know: of a key that waits the row before, else the table's own. */
  view(): TableView<unknown, unknown> {
    return {
      get: (key) => {
        const waiting = this.#find(key);
        if (waiting === undefined) return this.#node.table<unknown, unknown>(0).get(key);
        const { prior } = waiting.value;
        return prior === null ? undefined : { value: prior, timestamp: -1 };
      },
    };
  }

  undo(slot: number, before: number): void {
    if (slot === 0) this.#nothingBefore = before;
    else this.#bytes = before;
  }

  #due({ key, timestamp }: AnyRecord): number {
    if (this.#until.until === 'time limit') return timestamp + this.#until.limitMs;
    const closesAt = WindowedKey.closesAt(key);
    if (closesAt !== null) return closesAt;
    throw new StreamsError(
      'STAGE_INVALID',
      `${this.#node.label}: the key was not made by windowedBy and an aggregation, so nobody ` +
        'knows when its window closes. Put suppress(untilWindowCloses()) behind the aggregation, ' +
        'before the key goes through a topic.',
    );
  }

  #emit(row: Waiting): void {
    const { key, major, minor } = row;
    this.#sum(key, null, row);
    this.#send(row);
    // Only now: those behind who look meanwhile still see the row before.
    this.#rows.delete(key, major, minor);
  }

  #send({ key, major, value: change, timestamp }: Waiting): void {
    const isFinal = this.#until.until === 'close';
    if (isFinal && change.value === null) return;
    const { topic, partition, offset, lane } = change;
    const from = { topic, partition, offset, lane, task: this.#node.task, raw: null };
    this.#node.emit(
      tableChange(
        isFinal ? closedKey(key as Windowed<unknown>, major) : key,
        change.value,
        isFinal ? null : change.previous,
        timestamp,
        change.headers,
        from,
        this.#counter.next(),
      ),
    );
  }

  #find(key: unknown): Waiting | undefined {
    for (const row of this.#rows.ofKey(key, ...allTimes)) return row;
    return undefined;
  }

  #earliest(): number {
    for (const { major } of this.#rows.byTime(...allTimes)) return major;
    return Number.POSITIVE_INFINITY;
  }

  #setNothingBefore(time: number): void {
    this.#node.turn.remember(this, 0, this.#nothingBefore);
    this.#nothingBefore = time;
  }

  /**
   * Keeps the sum of bytes: one change comes (null: none), one goes. Encodes, so only where a bound
   * asks for it.
   */
  #sum(key: unknown, comes: BufferedChange | null, goes: Waiting | undefined): void {
    if (this.#until.maxBytes === undefined) return;
    const { options } = this.#rows as ManagedStore<unknown, BufferedChange>;
    const bytesOf = (change: BufferedChange): number =>
      options.key.encode(key).length + options.value.encode(change).length;
    let bytes = this.#bytes;
    if (bytes < 0) {
      bytes = 0;
      for (const row of this.#rows.byTime(...allTimes)) {
        bytes += options.key.encode(row.key).length + options.value.encode(row.value).length;
      }
    }
    if (comes !== null) bytes += bytesOf(comes);
    if (goes !== undefined) bytes -= bytesOf(goes.value);
    this.#node.turn.remember(this, 1, this.#bytes);
    this.#bytes = bytes;
  }
}

/** The store gives a plain key back; those behind may want to know again when it closed. */
function closedKey({ key, start, end }: Windowed<unknown>, closesAt: number): WindowedKey<unknown> {
  return new WindowedKey(key, start, end, closesAt);
}
