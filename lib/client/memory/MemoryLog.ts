import type { TopicPartition } from '../../model/topicPartition.ts';
import type { Isolation, LogRecord, NewRecord } from '../KafkaClient.ts';
import { offsetOutOfRange, refused } from './answers.ts';
import { Chunk } from './Chunk.ts';
import { compact } from './compact.ts';
import { type OffsetRange, OffsetRanges } from './OffsetRanges.ts';
import type { LogSettings } from './topicConfig.ts';

/** Less than this is not worth a compaction of its own accord. */
const leastDirtyBytes = 1 << 20;

/** Stands for no time at all, in Kafka's records. */
const noTimestamp = -1;

/** What a read brought. */
export interface LogSlice {
  readonly records: readonly LogRecord[];
  readonly nextOffset: number;
  readonly bytes: number;
}

/**
 * One partition's log: records in chunks, transaction markers as offsets without a record, the
 * ranges of aborted records aside. What is appended is copied, what is read are views.
 */
export class MemoryLog implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  settings: LogSettings;
  /** Told of every append and marker: parked readers. */
  readonly watchers: Set<() => void> = new Set();
  /** True once its topic is gone. */
  isDeleted: boolean = false;

  #chunks: Chunk[] = [];
  #start = 0;
  #end = 0;
  #stable = 0;
  #bytes = 0;
  #cleanBytes = 0;
  /** What open transactions have written here, by producer id. */
  readonly #open: Map<number, OffsetRange[]> = new Map();
  readonly #aborted: OffsetRanges = new OffsetRanges();
  readonly #horizons: Map<number, number> = new Map();

  constructor(topic: string, partition: number, settings: LogSettings) {
    this.topic = topic;
    this.partition = partition;
    this.settings = settings;
  }

  get startOffset(): number {
    return this.#start;
  }

  get highWatermark(): number {
    return this.#end;
  }

  get lastStableOffset(): number {
    return this.#stable;
  }

  get bytes(): number {
    return this.#bytes;
  }

  endFor(isolation: Isolation): number {
    return isolation === 'read-committed' ? this.#stable : this.#end;
  }

  /** Appends a batch, whole or not at all; answers its first offset. */
  append(records: readonly NewRecord[], now: number, transaction: number | null = null): number {
    const first = this.#end;
    if (records.length === 0) return first;
    this.#check(records, now, transaction !== null);
    const { logAppendTime, segmentBytes } = this.settings;
    let chunk = this.#writable(now);
    let offset = first;
    let total = 0;
    for (let i = 0; i < records.length; i++) {
      const record = records[i] as NewRecord;
      if (chunk.isFull(segmentBytes)) {
        this.#end = offset;
        this.#bytes += total;
        total = 0;
        chunk = this.#roll(now);
      }
      total += chunk.push(offset, logAppendTime ? now : record.timestamp, record);
      offset += 1;
    }
    this.#end = offset;
    this.#bytes += total;
    if (transaction === null) this.#moveStable();
    else this.#remember(transaction, first, offset);
    this.#tell();
    return first;
  }

  /** Ends a transaction's part here: its marker takes an offset. */
  mark(transaction: number, outcome: 'commit' | 'abort', now: number): void {
    const ranges = this.#open.get(transaction);
    if (ranges === undefined) return;
    this.#open.delete(transaction);
    if (outcome === 'abort') this.#aborted.add(ranges);
    const chunk = this.#writable(now);
    this.#end += 1;
    chunk.end = this.#end;
    this.#moveStable();
    this.#tell();
  }

  /**
   * Reads on from an offset within one chunk. `atLeastOne`: also a record larger than `maxBytes`.
   * Null when nothing lies between the offset and the end.
   */
  read(from: number, isolation: Isolation, maxBytes: number, atLeastOne: boolean): LogSlice | null {
    const limit = this.endFor(isolation);
    if (from < this.#start || from > this.#end) {
      throw offsetOutOfRange(this, from, this.#start, this.#end);
    }
    let offset = from;
    while (offset < limit) {
      const chunk = this.#chunkAt(offset);
      const first = chunk.indexOf(offset);
      const stop = limit >= chunk.end ? chunk.count : chunk.indexOf(limit);
      let last = first < stop ? chunk.cut(first, stop, maxBytes) : stop;
      if (last === first && first < stop) {
        if (!atLeastOne) break;
        last = first + 1;
      }
      offset = last === stop ? Math.min(chunk.end, limit) : chunk.offsetAt(last);
      let records = chunk.slice(first, last);
      const bytes = chunk.bytesBefore(last) - chunk.bytesBefore(first);
      if (isolation === 'read-committed' && !this.#aborted.isEmpty) {
        records = this.#aborted.without(records);
      }
      if (records.length > 0) return { records, nextOffset: offset, bytes };
    }
    return offset === from ? null : { records: [], nextOffset: offset, bytes: 0 };
  }

  /** The first record at or after a time, else the end. */
  offsetAt(timestampMs: number, isolation: Isolation): number {
    const limit = this.endFor(isolation);
    for (const chunk of this.#chunks) {
      if (chunk.maxTimestamp < timestampMs) continue;
      for (let index = 0; index < chunk.count; index++) {
        const offset = chunk.offsetAt(index);
        if (offset >= limit) return limit;
        if (offset >= this.#start && chunk.timeAt(index) >= timestampMs) return offset;
      }
    }
    return limit;
  }

  /** All records that are left, for tests. */
  records(isolation: Isolation): LogRecord[] {
    const limit = this.endFor(isolation);
    const all = this.#chunks.flatMap((chunk) => chunk.slice(0, chunk.count));
    const seen = all.filter(({ offset }) => offset >= this.#start && offset < limit);
    return isolation === 'read-committed' ? this.#aborted.without(seen) : seen;
  }

  /** The records from an offset to the end. */
  recordsFrom(offset: number): LogRecord[] {
    const found: LogRecord[] = [];
    for (let next = offset; ; ) {
      const slice = this.read(next, 'read-uncommitted', Number.POSITIVE_INFINITY, true);
      if (slice === null) return found;
      found.push(...slice.records);
      next = slice.nextOffset;
    }
  }

  deleteBefore(offset: number): void {
    if (offset > this.#end) throw offsetOutOfRange(this, offset, this.#start, this.#end);
    if (offset <= this.#start) return;
    this.#start = offset;
    while (this.#chunks.length > 0 && (this.#chunks[0] as Chunk).end <= offset) this.#dropFirst();
  }

  /** Retention and compaction, as configured. */
  maintain(now: number): void {
    if (this.settings.deletes) this.#retain(now);
    if (this.settings.compacts) this.#compact(now);
  }

  #check(records: readonly NewRecord[], now: number, abortable: boolean): void {
    const { compacts, maxMessageBytes } = this.settings;
    this.#checkTimes(records, now, abortable);
    for (let i = 0; i < records.length; i++) {
      const { key, value } = records[i] as NewRecord;
      if (compacts && key === null) {
        const message = 'A compacted topic takes no record without a key: give it one';
        throw refused(87, message, this.topic, abortable);
      }
      if (value !== null && value.length > maxMessageBytes) {
        const most = `max.message.bytes (${maxMessageBytes})`;
        const message = `A record of ${value.length} bytes is over ${most}: raise it, or send less`;
        throw refused(10, message, this.topic, abortable);
      }
    }
  }

  #checkTimes(records: readonly NewRecord[], now: number, abortable: boolean): void {
    const { logAppendTime, mostBeforeMs, mostAfterMs } = this.settings;
    if (logAppendTime || Math.min(mostBeforeMs, mostAfterMs) === Number.POSITIVE_INFINITY) return;
    for (const { timestamp } of records) {
      if (timestamp === noTimestamp) continue;
      const aheadMs = timestamp - now;
      if (aheadMs <= mostAfterMs && -aheadMs <= mostBeforeMs) continue;
      const [side, most] = aheadMs > 0 ? ['after', mostAfterMs] : ['before', mostBeforeMs];
      const far = `over ${most} ms ${side} the cluster's, ${now}`;
      const remedy = `mend it, or raise message.timestamp.${side}.max.ms`;
      const message = `A record's time, ${timestamp}, is ${far}: ${remedy}`;
      throw refused(32, message, this.topic, abortable);
    }
  }

  #writable(now: number): Chunk {
    const last = this.#chunks[this.#chunks.length - 1];
    if (last === undefined) return this.#roll(now);
    if (now - last.createdAt > this.settings.segmentMs && last.count > 0) {
      return this.#roll(now);
    }
    return last;
  }

  /** Begins a chunk; the moment at which the log looks after itself. */
  #roll(now: number): Chunk {
    if (this.settings.deletes) this.#retain(now);
    if (this.settings.compacts) {
      const dirty = this.#bytes - this.#cleanBytes;
      if (dirty >= leastDirtyBytes && dirty >= this.#bytes * this.settings.dirtyRatio) {
        this.#compact(now);
      }
    }
    const chunk = new Chunk(this.#end, now, this.#chunks.at(-1));
    this.#chunks.push(chunk);
    return chunk;
  }

  #retain(now: number): void {
    const { retentionMs, retentionBytes } = this.settings;
    for (;;) {
      const first = this.#chunks[0];
      // What a transaction still holds open is not deleted under it.
      if (first === undefined || first.end > this.#stable) return;
      const expired = now - first.maxTimestamp > retentionMs;
      if (!expired && this.#bytes - first.bytes < retentionBytes) return;
      this.#start = Math.max(this.#start, first.end);
      this.#dropFirst();
    }
  }

  #dropFirst(): void {
    const first = this.#chunks.shift() as Chunk;
    this.#bytes -= first.bytes;
    this.#cleanBytes = Math.max(0, this.#cleanBytes - first.bytes);
    if (!this.#aborted.isEmpty) this.#aborted.dropBefore(first.end);
  }

  #compact(now: number): void {
    const { compactionLagMs, deleteRetentionMs } = this.settings;
    let upTo = this.#stable;
    if (compactionLagMs > 0) {
      const young = this.#chunks.find((chunk) => chunk.maxTimestamp > now - compactionLagMs);
      if (young !== undefined) upTo = Math.min(upTo, young.base);
    }
    this.#chunks = compact(this.#chunks, {
      upTo,
      now,
      deleteRetentionMs,
      horizons: this.#horizons,
      isAborted: (offset) => this.#aborted.has(offset),
    });
    this.#aborted.dropBefore(upTo);
    this.#bytes = 0;
    for (const chunk of this.#chunks) this.#bytes += chunk.bytes;
    this.#cleanBytes = this.#bytes;
  }

  #remember(transaction: number, from: number, to: number): void {
    const ranges = this.#open.get(transaction);
    if (ranges === undefined) {
      this.#open.set(transaction, [{ from, to }]);
      this.#moveStable();
      return;
    }
    const last = ranges[ranges.length - 1] as OffsetRange;
    if (last.to === from) last.to = to;
    else ranges.push({ from, to });
  }

  #moveStable(): void {
    let stable = this.#end;
    for (const ranges of this.#open.values()) {
      stable = Math.min(stable, (ranges[0] as OffsetRange).from);
    }
    this.#stable = stable;
  }

  #tell(): void {
    for (const watcher of this.watchers) watcher();
  }

  #chunkAt(offset: number): Chunk {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#chunks[middle] as Chunk).base <= offset) low = middle;
      else high = middle - 1;
    }
    return this.#chunks[low] as Chunk;
  }
}
