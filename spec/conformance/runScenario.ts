import { type TopologyTest, topologyTest } from 'rxkstreams/testing';
import { type AnyHandle, topicOf } from './build/Build.ts';
import { type BuiltScenario, buildTopology } from './buildTopology.ts';
import { compareKeys } from './keys.ts';
import type { RunMode } from './RunMode.ts';
import { readStore } from './readStores.ts';
import type {
  HeaderText,
  InputRecord,
  OutputRow,
  PeekRow,
  Result,
  Scenario,
  Step,
  StoreRow,
} from './Scenario.ts';
import type { Json, Key } from './values.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Sessions outlast whatever a scenario does to the wall clock. */
const sessionMs = 1_000_000_000;

export function isRecord(step: Step): step is InputRecord {
  return 'topic' in step;
}

/** What came of the inputs so far. */
class Collected {
  at = 0;
  readonly outputs: Record<string, OutputRow[]> = {};
  readonly peeks: Record<string, PeekRow[]> = {};

  constructor({ record, topology }: Scenario) {
    for (const topic of record.topics) this.outputs[topic] = [];
    for (const { op, id } of topology) {
      if ((op === 'peek' || op === 'foreach') && id !== undefined) this.peeks[id] = [];
    }
  }

  readonly peek = (id: string, key: Key, value: Json): void => {
    this.peeks[id]?.push({ at: this.at, key, value });
  };

  read(test: TopologyTest): void {
    for (const [topic, rows] of Object.entries(this.outputs)) {
      for (const { key, value, timestamp, headers } of test.read(topicOf(topic))) {
        const text = headers.map(([name, bytes]): HeaderText => {
          return [name, bytes === null ? null : decoder.decode(bytes)];
        });
        const row = { at: this.at, key, value, ts: timestamp };
        rows.push(text.length === 0 ? row : { ...row, headers: text });
      }
    }
  }
}

/** Runs a scenario on the testing kit, and tells what came out, record by record. */
export async function runScenario(scenario: Scenario, mode: RunMode = {}): Promise<Result> {
  const collected = new Collected(scenario);
  const { outputs, peeks } = collected;
  let built: BuiltScenario;
  try {
    built = buildTopology(scenario, collected.peek);
  } catch (error) {
    return { outputs, error: `build ${textOf(error)}` };
  }
  const test = await topologyTest(built.topology, testOptions(scenario, mode));
  for (const [index, step] of scenario.inputs.entries()) {
    collected.at = index;
    try {
      await take(test, step);
      if (mode.crash) {
        await test.crash();
        await test.restart();
      }
    } catch (error) {
      collected.read(test);
      return { outputs, peeks, error: `${index} ${textOf(error)}` };
    }
    collected.read(test);
  }
  const stores = await storesOf(test, scenario, built.handles);
  await test.close();
  return { outputs, peeks, stores };
}

async function take(test: TopologyTest, step: Step): Promise<void> {
  if (!isRecord(step)) {
    await test.jump(step.advanceWallClockMs);
    await test.commit();
    return;
  }
  const { topic, key, value, ts: timestamp, headers = [] } = step;
  await test.write(topicOf(topic), {
    key,
    value,
    timestamp,
    headers: headers.map(([name, text]) => [name, text === null ? null : encoder.encode(text)]),
  });
  await test.commit();
}

function testOptions(
  scenario: Scenario,
  { partitions = 1, guarantee, state }: RunMode,
): Parameters<typeof topologyTest>[1] {
  const topics = new Set(scenario.record.topics);
  for (const step of scenario.inputs) if (isRecord(step)) topics.add(step.topic);
  return {
    applicationId: 'oracle',
    autoCommit: 'every record',
    partitions,
    sessionMs,
    startMs: scenario.config?.wallClockStartMs ?? 0,
    topics: Object.fromEntries([...topics].map((topic) => [topic, partitions])),
    ...(guarantee === undefined ? {} : { guarantee }),
    ...(state === undefined ? {} : { state: state() }),
  };
}

async function storesOf(
  test: TopologyTest,
  scenario: Scenario,
  handles: ReadonlyMap<string, AnyHandle>,
): Promise<Record<string, readonly StoreRow[]>> {
  const stores: Record<string, readonly StoreRow[]> = {};
  for (const name of scenario.record.stores ?? []) {
    const handle = handles.get(name);
    if (handle === undefined) throw new Error(`the topology made no store '${name}'`);
    const rows = await readStore(test, scenario, handle);
    stores[name] = rows.sort((a, b) => compareKeys(a.key, b.key));
  }
  return stores;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: string };
  return code === undefined ? error.message : `${code}: ${error.message}`;
}
