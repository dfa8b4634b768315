import type { TopologyTest } from 'rxkstreams/testing';
import type { AnyHandle } from './build/Build.ts';
import { isRecord } from './runScenario.ts';
import type { Op, Scenario, StoreRow, Window } from './Scenario.ts';
import type { Json, Key } from './values.ts';

/** Where unlimited windows end. */
const endOfTime = Number.MAX_SAFE_INTEGER;

/** A store's rows as a golden file has them, in no order. */
export async function readStore(
  test: TopologyTest,
  scenario: Scenario,
  handle: AnyHandle,
): Promise<StoreRow[]> {
  switch (handle.kind) {
    case 'key-value': {
      const isBare = scenario.topology.some(
        ({ op, name }) => op === 'store' && name === handle.store,
      );
      const rows = await test.rows(handle);
      return rows.map(({ key, value, timestamp: ts }) =>
        isBare ? { key, value } : { key, value, ts },
      );
    }
    case 'window': {
      const endOf = windowEnds(scenario, handle.store);
      return (await test.rows(handle)).map(({ key, start, value, timestamp: ts }) => ({
        key: { key: key as string, start, end: endOf(start) },
        value,
        ts,
      }));
    }
    case 'session':
      return (await test.rows(handle)).map(({ key, start, end, value }) => ({
        key: { key: key as string, start, end },
        value,
      }));
    case 'versioned': {
      const rows: StoreRow[] = [];
      for (const key of inputKeys(scenario)) {
        const latest = test.asOf(handle, key, endOfTime);
        const asOf: Record<string, readonly [Json, number] | null> = {};
        for (const time of scenario.record.asOf ?? []) {
          const row = test.asOf(handle, key, time);
          asOf[time] = row === undefined ? null : [row.value, row.timestamp];
        }
        const ts = latest?.timestamp ?? null;
        const row = { key, value: latest?.value ?? null, ts };
        rows.push(scenario.record.asOf === undefined ? row : { ...row, asOf });
      }
      return rows;
    }
  }
}

function inputKeys({ inputs }: Scenario): ReadonlySet<Key> {
  const keys = new Set<Key>();
  for (const step of inputs) if (isRecord(step) && step.key !== null) keys.add(step.key);
  return keys;
}

/**
 * A window store does not know how long its windows are; the op before the one that filled it
 * does.
 */
function windowEnds({ topology }: Scenario, store: string): (start: number) => number {
  const filled = topology.find((op) => op.store === store) as Op;
  const windowedBy = topology.find(({ id }) => id === filled.from?.[0]) as Op;
  const { type, sizeMs = 0 } = windowedBy.window as Window;
  return (start) => (type === 'unlimited' ? endOfTime : start + sizeMs);
}
