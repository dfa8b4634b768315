import { describe, expect, it } from '@jest/globals';
import type { Fetched, LogRecord } from '../../lib/client/KafkaClient.ts';
import { noHeaders, streamRecord } from '../../lib/model/record.ts';
import type { InputTopic } from '../../lib/runtime/AppLayout.ts';
import { PartitionBuffer } from '../../lib/runtime/PartitionBuffer.ts';
import { PartitionGroup } from '../../lib/runtime/PartitionGroup.ts';

const decoder = {
  decode: (raw: LogRecord) =>
    streamRecord(null, null, raw.timestamp, noHeaders, undefined as never),
};
const inputOf = (topic: string, upstreams = 0): InputTopic => ({
  topic,
  source: 0,
  partitions: 1,
  repartition: upstreams > 0 ? topic : null,
  upstreams,
  firstLane: 0,
  waitsForUpstreams: upstreams > 0,
});

class Inputs {
  now = 0;
  readonly a: PartitionBuffer;
  readonly b: PartitionBuffer;
  readonly group: PartitionGroup;

  constructor(maxTaskIdleMs: number, upstreams = 0) {
    this.a = new PartitionBuffer(inputOf('a'), 0, decoder);
    this.b = new PartitionBuffer(inputOf('b', upstreams), 0, decoder);
    for (const buffer of [this.a, this.b]) buffer.seek(0);
    this.group = new PartitionGroup([this.a, this.b], maxTaskIdleMs, () => this.now);
  }

  /** Records at these times; the log goes on to `end`. */
  fetch(buffer: PartitionBuffer, times: readonly number[], end?: number): void {
    const from = buffer.position;
    const records = times.map((timestamp, i) => ({
      offset: from + i,
      timestamp,
      key: null,
      value: null,
      headers: [],
    }));
    const nextOffset = from + times.length;
    const highWatermark = end ?? nextOffset;
    const fetched: Fetched = {
      topic: buffer.topic,
      partition: 0,
      records,
      nextOffset,
      highWatermark,
      lastStableOffset: highWatermark,
      logStartOffset: 0,
    };
    buffer.add(fetched, 'read-uncommitted');
  }

  /** Takes what can be taken: `a1 b2`. */
  take(): string {
    const taken: string[] = [];
    for (;;) {
      const next = this.group.next();
      if (next === null) return taken.join(' ');
      taken.push(`${next.topic}${next.headTime}`);
      next.shift();
    }
  }
}

describe('PartitionGroup', () => {
  it('takes the smallest timestamp first; the order of inputs breaks ties', () => {
    const i = new Inputs(0);
    i.fetch(i.a, [1, 5, 9]);
    i.fetch(i.b, [2, 5, 7]);
    expect(i.take()).toBe('a1 b2 a5 b5 b7');
    expect(i.group.isWaiting).toBe(true);
  });

  it('goes on when an empty input is known to be at its end, by a look after it emptied', () => {
    const i = new Inputs(0);
    i.fetch(i.a, [1, 5]);
    expect(i.take()).toBe('');
    i.fetch(i.b, [], 3);
    expect(i.take()).toBe('');
    i.fetch(i.b, [2], 1);
    expect(i.take()).toBe('a1 b2');
    i.fetch(i.b, [], 1);
    expect(i.take()).toBe('a5');
  });

  it('does not look when told not to', () => {
    const i = new Inputs(-1);
    i.fetch(i.a, [1, 5]);
    expect(i.take()).toBe('a1 a5');
  });

  it('waits for producers as long as told', () => {
    const i = new Inputs(100);
    i.fetch(i.a, [1]);
    i.fetch(i.b, []);
    expect(i.take()).toBe('');
    expect(i.group.dueMs).toBe(100);
    i.now = 99;
    expect(i.take()).toBe('');
    i.now = 100;
    expect(i.take()).toBe('a1');
  });

  it('behind a repartition waits for the word of every upstream task', () => {
    const i = new Inputs(0, 2);
    i.fetch(i.a, [1]);
    i.fetch(i.b, []);
    i.b.lanes?.say(0, 5, true);
    expect(i.take()).toBe('');
    i.b.lanes?.say(1, 3, true);
    expect(i.take()).toBe('a1');
    i.b.lanes?.record(1, 4);
    i.fetch(i.a, [2]);
    expect(i.take()).toBe('');
  });
});

describe('PartitionBuffer', () => {
  it('has consumed what was taken, and what is no record', () => {
    const i = new Inputs(-1);
    i.fetch(i.a, [1, 5]);
    expect(i.a.consumed).toBe(0);
    const next = i.group.next();
    next?.shift();
    expect(i.a.consumed).toBe(1);
    i.take();
    expect(i.a.consumed).toBe(2);
    i.a.add(
      {
        topic: 'a',
        partition: 0,
        records: [],
        nextOffset: 3,
        highWatermark: 3,
        lastStableOffset: 3,
        logStartOffset: 0,
      },
      'read-committed',
    );
    expect(i.a.consumed).toBe(3);
    expect(i.a.time).toBe(5);
  });
});
