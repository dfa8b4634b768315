import type { LogRecord } from '../KafkaClient.ts';

/** Offsets from `from` to before `to`. */
export interface OffsetRange {
  readonly from: number;
  to: number;
}

/** Disjoint stretches of a log in order: where the records of aborted transactions lie. */
export class OffsetRanges {
  #ranges: OffsetRange[] = [];

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  add(ranges: readonly OffsetRange[]): void {
    this.#ranges.push(...ranges);
    this.#ranges.sort((a, b) => a.from - b.from);
  }

  dropBefore(offset: number): void {
    this.#ranges = this.#ranges.filter((range) => range.to > offset);
  }

  /** The first range that ends after an offset. */
  #after(offset: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle] as OffsetRange).to <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(offset: number): boolean {
    const range = this.#ranges[this.#after(offset)];
    return range !== undefined && range.from <= offset;
  }

  /** The records outside all ranges; the very array when none lies within. */
  without(records: LogRecord[]): LogRecord[] {
    const first = records[0];
    const last = records[records.length - 1];
    if (first === undefined || last === undefined) return records;
    let index = this.#after(first.offset);
    let range = this.#ranges[index];
    if (range === undefined || range.from > last.offset) return records;
    const kept: LogRecord[] = [];
    for (const record of records) {
      while (range !== undefined && range.to <= record.offset) range = this.#ranges[++index];
      if (range === undefined || record.offset < range.from) kept.push(record);
    }
    return kept;
  }
}
