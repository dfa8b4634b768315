import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VersionedRows } from '../../../lib/operators/internal/versionedRows.ts';
import { json } from '../../../lib/serde/json.ts';
import { string } from '../../../lib/serde/string.ts';
import { createRowStore } from '../../../lib/state/createRowStore.ts';
import { type Version, versionedValue } from '../../../lib/state/versionedState.ts';
import type { NodeContext } from '../../../lib/topology/NodeContext.ts';
import { oneLane, StreamTime } from '../../../lib/topology/StreamTime.ts';
import { Turn } from '../../../lib/topology/Turn.ts';

const retentionMs = 20;

function setUp() {
  const store = createRowStore<string, Version<unknown>>({
    name: 'history',
    key: string(),
    value: versionedValue(json<unknown>()),
    timeIndex: true,
    changelog: false,
  });
  const turn = new Turn();
  const time = new StreamTime(oneLane, turn, null);
  const node = { store: () => store, streamTime: () => time, turn } as unknown as NodeContext;
  const rows = new VersionedRows(node, 'history', retentionMs);
  const inTurn = (work: () => void, undo = false): void => {
    turn.begin();
    store.beginTurn();
    work();
    if (undo) {
      store.rollbackTurn();
      turn.rollback();
    }
    turn.end();
  };
  return { rows, store, inTurn };
}

interface Put {
  readonly key: string;
  readonly value: number | null;
  readonly at: number;
  readonly undone: boolean;
}

/** All versions ever, in a list: what Kafka Streams' store would answer. */
class Model {
  readonly puts: Put[] = [];
  time = -1;

  put(put: Put): boolean {
    const time = Math.max(this.time, put.at);
    const fits = put.at >= time - retentionMs;
    if (put.undone) return fits;
    this.time = time;
    if (fits) this.puts.push(put);
    return fits;
  }

  version(key: string, asOf: number): Put | undefined {
    const before = this.puts.filter((put) => put.key === key && put.at <= asOf);
    return before.reduce<Put | undefined>((a, b) => (a && a.at > b.at ? a : b), undefined);
  }

  asOf(key: string, asOf: number): number | undefined {
    const version = this.version(key, asOf);
    const latest = this.version(key, Number.MAX_SAFE_INTEGER);
    const isKept = asOf >= this.time - retentionMs || version === latest;
    return isKept ? (version?.value ?? undefined) : undefined;
  }
}

const put = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  value: fc.option(fc.nat(9), { freq: 4 }),
  at: fc.nat(200),
  undone: fc.boolean(),
});

describe('versioned rows', () => {
  it('answer as a list of all versions would, whatever the order and whatever is undone', () => {
    fc.assert(
      fc.property(fc.array(put, { maxLength: 60 }), (puts) => {
        const { rows, inTurn } = setUp();
        const model = new Model();
        for (const one of puts) {
          let written = false;
          inTurn(() => {
            written = rows.put(one.key, one.value, one.at, 0);
          }, one.undone);
          expect(written).toBe(model.put(one));
        }
        for (const key of ['a', 'b', 'c']) {
          const latest = model.version(key, Number.MAX_SAFE_INTEGER)?.value ?? undefined;
          expect(rows.get(key)?.value).toEqual(latest);
          for (let at = 0; at <= 200; at += 5) {
            expect(rows.getAsOf(key, at)?.value).toEqual(model.asOf(key, at));
          }
        }
      }),
    );
  });

  it('keep no more than what can still be asked for', () => {
    const { rows, store, inTurn } = setUp();
    for (let at = 0; at < 10_000; at++) inTurn(() => void rows.put(`key-${at % 7}`, at, at, 0));
    expect(store.size).toBeLessThanOrEqual(retentionMs + 2 * 7);
    inTurn(() => void rows.put('other', 1, 20_000, 0));
    inTurn(() => void rows.put('other', 2, 30_000, 0));
    expect(store.size).toBe(7 + 2);
  });

  it('a row that ended and left the history leaves nothing', () => {
    const { rows, store, inTurn } = setUp();
    inTurn(() => void rows.put('a', 1, 1, 0));
    inTurn(() => void rows.put('a', null, 2, 0));
    inTurn(() => void rows.put('b', 1, 100, 0));
    inTurn(() => void rows.put('b', 2, 200, 0));
    expect(store.size).toBe(2);
    expect(rows.get('a')).toBeUndefined();
  });
});
