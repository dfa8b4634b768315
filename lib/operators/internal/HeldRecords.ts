import { endOfTime } from '../../model/windows/TimeWindows.ts';
import type { AnyStore } from '../../serde/handles.ts';
import type { AnySerde } from '../../serde/Serde.ts';
import type { PlacedRow, RowStore } from '../../state/RowStore.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import type { StoreSpec } from '../../topology/NodeSpec.ts';
import type { StreamTime } from '../../topology/StreamTime.ts';

/** Which time a record waits in. */
export type WaitingTime = 'stream' | 'wall-clock';

/** The store of what waits; users cannot query it, as it holds more than their values. */
export function heldStore(handle: AnyStore, value: AnySerde): StoreSpec {
  return {
    role: 'held',
    name: handle.store,
    kind: 'buffer',
    key: handle.key,
    value,
    timeIndex: true,
    changelog: 'topic',
    formerly: handle.formerly,
  };
}

/**
 * Something of each key that waits until it is due, in stream time or by the wall clock; due ones
 * go by (time, key).
 */
export class HeldRecords<T> {
  readonly #node: NodeContext;
  readonly #rows: RowStore<unknown, T>;
  readonly #streamTime: StreamTime | null;
  readonly #onDue: (row: PlacedRow<unknown, T>) => void;
  /** When the timer rings; Infinity: there is none. */
  #armedFor: number = Number.POSITIVE_INFINITY;
  #disarm: () => void = () => {};

  constructor(node: NodeContext, time: WaitingTime, onDue: (row: PlacedRow<unknown, T>) => void) {
    this.#node = node;
    this.#rows = node.store('held');
    this.#streamTime = time === 'stream' ? node.streamTime('held') : null;
    this.#onDue = onDue;
    this.#arm();
  }

  /** Time as it is now, with this record. */
  observe(record: Parameters<StreamTime['observe']>[0]): number {
    this.#streamTime?.observe(record);
    return this.now;
  }

  get now(): number {
    return this.#streamTime?.time ?? this.#node.wallClock();
  }

  find(key: unknown): PlacedRow<unknown, T> | undefined {
    for (const row of this.#rows.ofKey(key, 0, endOfTime)) return row;
    return undefined;
  }

  /** In place of what waits of this key. */
  put(key: unknown, due: number, value: T, timestamp: number): void {
    this.delete(key);
    this.#rows.put(key, due, 0, value, timestamp);
    if (due < this.#armedFor) this.#arm();
  }

  delete(key: unknown): void {
    const waiting = this.find(key);
    if (waiting !== undefined) this.#rows.delete(key, waiting.major, 0);
  }

  /** Hands over what is due, each once it is out of the store. */
  release(until: number): void {
    for (;;) {
      const [row] = this.#rows.byTime(0, until);
      if (row === undefined) return;
      this.#rows.delete(row.key, row.major, 0);
      this.#onDue(row);
    }
  }

  get latestDue(): number {
    if (this.#streamTime === null) return -1;
    const [last] = this.#rows.byTime(0, endOfTime - 1, { reverse: true });
    return last?.major ?? -1;
  }

  close(): void {
    this.#disarm();
  }

  /** By the wall clock a timer rings when the first is due: one for all keys. */
  #arm(): void {
    if (this.#streamTime !== null) return;
    this.#disarm();
    const [first] = this.#rows.byTime(0, endOfTime - 1);
    this.#armedFor = first?.major ?? Number.POSITIVE_INFINITY;
    if (first === undefined) return;
    const now = this.#node.wallClock();
    const o = {
      time: 'wall-clock',
      intervalMs: Math.max(1, first.major - now),
      anchorMs: now,
    } as const;
    this.#disarm = this.#node.schedule(o, () => {
      this.release(this.now);
      this.#arm();
    });
  }
}
