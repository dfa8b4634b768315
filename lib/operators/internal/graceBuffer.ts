import { type AnyRecord, origin, streamRecord } from '../../model/record.ts';
import type { RowStore } from '../../state/RowStore.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import type { StreamTime } from '../../topology/StreamTime.ts';
import type { BufferedRecord } from './bufferedRecord.ts';

/**
 * Stream records that wait until stream time is `graceMs` past them, so that the table's rows of
 * that time have arrived, and then go on in order of their timestamps. What is older than that when
 * it comes goes on at once. Semantics: Kafka Streams' stream-table join with a grace period.
 */
export class GraceBuffer {
  readonly #node: NodeContext;
  readonly #waiting: RowStore<unknown, BufferedRecord>;
  readonly #streamTime: StreamTime;
  readonly #graceMs: number;
  readonly #release: (record: AnyRecord) => void;

  constructor(node: NodeContext, graceMs: number, release: (record: AnyRecord) => void) {
    this.#node = node;
    this.#waiting = node.store('waiting');
    this.#streamTime = node.streamTime('waiting');
    this.#graceMs = graceMs;
    this.#release = release;
  }

  take(record: AnyRecord): void {
    const { key, value, timestamp, headers } = record;
    this.#streamTime.observe(record);
    if (key === null || timestamp < this.#streamTime.time - this.#graceMs) {
      this.#release(record);
      return;
    }
    let sequence = 0;
    for (const last of this.#waiting.ofKey(key, timestamp, timestamp, { reverse: true })) {
      sequence = last.minor + 1;
      break;
    }
    const { topic, partition, offset, lane } = record[origin];
    const buffered = { value, headers, topic, partition, offset, lane };
    this.#waiting.put(key, timestamp, sequence, buffered, timestamp);
    this.releaseDue();
  }

  releaseDue(): void {
    const due = [...this.#waiting.byTime(0, this.#streamTime.time - this.#graceMs)];
    for (const { key, major, minor, value: waited } of due) {
      this.#waiting.delete(key, major, minor);
      const { value, headers, topic, partition, offset, lane } = waited;
      const from = { topic, partition, offset, lane, task: this.#node.task, raw: null };
      this.#release(streamRecord(key, value, major, headers, from));
    }
  }

  latestDue(): number {
    for (const last of this.#waiting.byTime(0, Number.MAX_SAFE_INTEGER, { reverse: true })) {
      return last.major + this.#graceMs;
    }
    return -1;
  }
}
