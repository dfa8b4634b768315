import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Isolation, NewRecord } from '../../../lib/client/KafkaClient.ts';
import { MemoryLog } from '../../../lib/client/memory/MemoryLog.ts';
import { parseSettings } from '../../../lib/client/memory/topicConfig.ts';

const runs = { numRuns: 300 };

/** A step of a history: producer 0 writes plainly, the others in transactions. */
const step = fc.record({
  producer: fc.integer({ min: 0, max: 3 }),
  what: fc.constantFrom('send', 'send', 'send', 'commit', 'abort') as fc.Arbitrary<
    'send' | 'commit' | 'abort'
  >,
  keys: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }),
  isDeletion: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What the model knows of each record: its fate is that of its transaction. */
interface Written {
  readonly offset: number;
  readonly key: number;
  readonly isDeletion: boolean;
  fate: 'open' | 'commit' | 'abort';
  readonly producer: number;
}

function play(log: MemoryLog, steps: readonly Step[]): Written[] {
  const written: Written[] = [];
  for (const { producer, what, keys, isDeletion } of steps) {
    if (what !== 'send') {
      if (producer === 0) continue;
      log.mark(producer, what, 0);
      for (const one of written) {
        if (one.producer === producer && one.fate === 'open') one.fate = what;
      }
      continue;
    }
    const records = keys.map((key): NewRecord => {
      const value = isDeletion ? null : Uint8Array.of(7);
      return { key: Uint8Array.of(key), value, timestamp: 0 };
    });
    const first = log.append(records, 0, producer === 0 ? null : producer);
    keys.forEach((key, i) => {
      const fate = producer === 0 ? 'commit' : 'open';
      written.push({ offset: first + i, key, isDeletion, fate, producer });
    });
  }
  return written;
}

function readAll(log: MemoryLog, isolation: Isolation, maxBytes: number): number[] {
  const offsets: number[] = [];
  for (let next = log.startOffset; ; ) {
    const slice = log.read(next, isolation, maxBytes, true);
    if (slice === null) {
      expect(next).toBe(log.endFor(isolation));
      return offsets;
    }
    expect(slice.nextOffset).toBeGreaterThan(next);
    offsets.push(...slice.records.map(({ offset }) => offset));
    next = slice.nextOffset;
  }
}

describe('a log with any history of transactions', () => {
  it('shows the read-committed what is committed before the first open one, in any pieces', () => {
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: 200 }), (steps, maxBytes) => {
        const log = new MemoryLog('t', 0, parseSettings({}));
        const written = play(log, steps);
        const stable = written.find(({ fate }) => fate === 'open')?.offset ?? log.highWatermark;
        expect(log.lastStableOffset).toBe(stable);
        const visible = written.filter(({ offset, fate }) => fate === 'commit' && offset < stable);
        expect(readAll(log, 'read-committed', maxBytes)).toEqual(visible.map((one) => one.offset));
        const all = written.map(({ offset }) => offset);
        expect(readAll(log, 'read-uncommitted', maxBytes)).toEqual(all);
      }),
      runs,
    );
  });

  it('compacts to the last committed of each key, and never again to something else', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const settings = parseSettings({
          'cleanup.policy': 'compact',
          'delete.retention.ms': '10',
        });
        const log = new MemoryLog('t', 0, settings);
        const written = play(log, steps);
        const stable = log.lastStableOffset;
        const last = new Map<number, Written>();
        for (const one of written) {
          if (one.fate === 'commit' && one.offset < stable) last.set(one.key, one);
        }
        const kept = [...last.values()].sort((a, b) => a.offset - b.offset);
        log.maintain(0);
        expect(readAll(log, 'read-committed', 50)).toEqual(kept.map(({ offset }) => offset));
        log.maintain(10);
        const values = kept.filter(({ isDeletion }) => !isDeletion);
        expect(readAll(log, 'read-committed', 50)).toEqual(values.map(({ offset }) => offset));
      }),
      runs,
    );
  });
});
