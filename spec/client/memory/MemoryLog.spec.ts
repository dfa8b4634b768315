import { describe, expect, it } from '@jest/globals';
import type { NewRecord } from '../../../lib/client/KafkaClient.ts';
import { MemoryLog } from '../../../lib/client/memory/MemoryLog.ts';
import { parseSettings } from '../../../lib/client/memory/topicConfig.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | null): string =>
  content === null ? '~' : new TextDecoder().decode(content);

/** `a1 b2 a~`: key and value, `~` a tombstone. */
function records(cells: string, timestamp = 0): NewRecord[] {
  return cells.split(' ').map((cell) => {
    const value = cell.slice(1);
    return { key: bytes(cell.slice(0, 1)), value: value === '~' ? null : bytes(value), timestamp };
  });
}

function log(config: Record<string, string> = {}): MemoryLog {
  return new MemoryLog('t', 0, parseSettings(config));
}

function show(of: MemoryLog, isolation: 'read-committed' | 'read-uncommitted'): string {
  return of
    .records(isolation)
    .map(({ offset, key, value }) => `${offset}:${text(key)}${text(value)}`)
    .join(' ');
}

describe('MemoryLog', () => {
  it('gives offsets in order of appending', () => {
    const it = log();
    expect(it.append(records('a1 b2'), 0)).toBe(0);
    expect(it.append(records('c3'), 0)).toBe(2);
    expect(show(it, 'read-uncommitted')).toBe('0:a1 1:b2 2:c3');
  });

  it('reads the same, in whatever pieces, over many chunks', () => {
    const it = log();
    const many = Array.from({ length: 10_000 }, () => records('k0')[0] as NewRecord);
    it.append(many, 0);
    const offsets: number[] = [];
    for (let next = 0; ; ) {
      const slice = it.read(next, 'read-uncommitted', 700, true);
      if (slice === null) break;
      expect(slice.bytes).toBeLessThanOrEqual(700);
      for (const { offset } of slice.records) offsets.push(offset);
      next = slice.nextOffset;
    }
    expect(offsets).toEqual(many.map((_, offset) => offset));
  });

  it('brings one record that is over the limit, but only where asked', () => {
    const it = log();
    it.append([{ key: null, value: new Uint8Array(1000), timestamp: 0 }], 0);
    expect(it.read(0, 'read-uncommitted', 10, true)?.records).toHaveLength(1);
    expect(it.read(0, 'read-uncommitted', 10, false)).toBeNull();
  });

  it('hides open and aborted transactions from the read-committed, markers from all', () => {
    const it = log();
    it.append(records('a1'), 0);
    it.append(records('b2'), 0, 7);
    it.append(records('c3'), 0, 8);
    it.append(records('d4'), 0);
    it.append(records('e5'), 0, 7);
    expect(it.lastStableOffset).toBe(1);
    expect(show(it, 'read-committed')).toBe('0:a1');
    it.mark(7, 'abort', 0);
    expect(it.lastStableOffset).toBe(2);
    it.mark(8, 'commit', 0);
    expect([it.lastStableOffset, it.highWatermark]).toEqual([7, 7]);
    expect(show(it, 'read-committed')).toBe('0:a1 2:c3 3:d4');
    expect(show(it, 'read-uncommitted')).toBe('0:a1 1:b2 2:c3 3:d4 4:e5');
    const slice = it.read(4, 'read-committed', 1000, true);
    expect(slice).toEqual({ records: [], nextOffset: 7, bytes: 0 });
  });

  it('refuses offsets outside the log', () => {
    const it = log();
    it.append(records('a1 b2 c3'), 0);
    it.deleteBefore(2);
    expect(show(it, 'read-uncommitted')).toBe('2:c3');
    expect(() => it.read(1, 'read-uncommitted', 1, true)).toThrow('seek');
    expect(() => it.read(4, 'read-uncommitted', 1, true)).toThrow('seek');
    expect(it.read(3, 'read-uncommitted', 1, true)).toBeNull();
  });

  it('finds the first record at or after a time', () => {
    const it = log();
    for (const at of [10, 30, 20, 40]) it.append(records('a1', at), 0);
    expect([5, 15, 30, 35, 41].map((at) => it.offsetAt(at, 'read-uncommitted'))).toEqual([
      0, 1, 1, 3, 4,
    ]);
  });

  it('stamps records with its own time where so configured', () => {
    const it = log({ 'message.timestamp.type': 'LogAppendTime' });
    it.append(records('a1', 5), 99);
    expect(it.records('read-uncommitted')[0]?.timestamp).toBe(99);
  });
});

describe('retention', () => {
  it('by time deletes what is older than the clock allows', () => {
    const it = log({ 'retention.ms': '1000' });
    it.append(records('a1', 0), 0);
    it.maintain(1000);
    expect(it.startOffset).toBe(0);
    it.maintain(1001);
    expect([it.startOffset, it.highWatermark]).toEqual([1, 1]);
  });

  it('by bytes keeps a log bounded, whatever runs through it', () => {
    const it = log({ 'retention.bytes': '2000000' });
    const value = new Uint8Array(88);
    const batch = Array.from({ length: 1000 }, () => ({ key: null, value, timestamp: 0 }));
    for (let i = 0; i < 200; i++) it.append(batch, 0);
    expect(it.bytes).toBeLessThan(2_500_000);
    expect(it.bytes).toBeGreaterThan(1_900_000);
    expect(it.highWatermark).toBe(200_000);
    expect(it.startOffset).toBeGreaterThan(170_000);
    expect(it.read(it.startOffset, 'read-uncommitted', 1, true)?.records).toHaveLength(1);
  });
});

describe('compaction', () => {
  const compacted = { 'cleanup.policy': 'compact', 'delete.retention.ms': '100' };

  it('keeps the last of each key, tombstones for a while, and all offsets', () => {
    const it = log(compacted);
    it.append(records('a1 b1 a2 c1 b~ a3'), 0);
    it.maintain(1000);
    expect(show(it, 'read-uncommitted')).toBe('3:c1 4:b~ 5:a3');
    expect(it.startOffset).toBe(0);
    it.maintain(1099);
    expect(show(it, 'read-uncommitted')).toBe('3:c1 4:b~ 5:a3');
    it.maintain(1100);
    expect(show(it, 'read-uncommitted')).toBe('3:c1 5:a3');
    expect(it.append(records('d1'), 1100)).toBe(6);
    const slice = it.read(0, 'read-uncommitted', 1000, true);
    expect(slice?.records.map(({ offset }) => offset)).toEqual([3, 5, 6]);
  });

  it('stops before an open transaction and forgets aborted records', () => {
    const it = log(compacted);
    it.append(records('a1'), 0);
    it.append(records('a2'), 0, 1);
    it.mark(1, 'abort', 0);
    it.append(records('b1 b2'), 0);
    it.append(records('a3'), 0, 2);
    it.append(records('a4'), 0);
    it.maintain(0);
    expect(show(it, 'read-uncommitted')).toBe('0:a1 4:b2 5:a3 6:a4');
    it.mark(2, 'commit', 0);
    it.maintain(0);
    expect(show(it, 'read-committed')).toBe('4:b2 6:a4');
  });

  it('runs of its own accord: a log of few keys stays small', () => {
    const it = log(compacted);
    const value = new Uint8Array(100);
    const batch = Array.from({ length: 1000 }, (_, i) => {
      return { key: bytes(`key ${i}`), value, timestamp: 0 };
    });
    for (let i = 0; i < 100; i++) it.append(batch, 0);
    expect(it.bytes).toBeLessThan(3_000_000);
    it.maintain(0);
    expect(it.records('read-uncommitted')).toHaveLength(1000);
  });

  it('takes no record without a key', () => {
    expect(() => log(compacted).append([{ key: null, value: null, timestamp: 0 }], 0)).toThrow(
      'key',
    );
  });
});
