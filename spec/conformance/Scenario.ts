import type { Json, Key } from './values.ts';

/** One small stream application with its inputs, as the folder's README defines it. */
export interface Scenario {
  readonly name: string;
  readonly category: string;
  readonly about: string;
  /** Present where Kafka Streams itself loses data or throws. */
  readonly quirk?: string;
  readonly config?: {
    readonly cacheBytes?: number;
    readonly emitIntervalMs?: number;
    readonly wallClockStartMs?: number;
  };
  readonly topology: readonly Op[];
  readonly inputs: readonly Step[];
  readonly record: {
    readonly topics: readonly string[];
    readonly stores?: readonly string[];
    readonly asOf?: readonly number[];
  };
}

/** One call of the DSL; which parameters it has depends on `op`. */
export interface Op {
  readonly op: string;
  readonly id?: string;
  readonly from?: readonly string[];
  readonly name?: string;
  readonly store?: string;
  readonly topic?: string;
  readonly topics?: readonly string[];
  readonly topicBy?: string;
  readonly timestamp?: string;
  readonly versionedMs?: number;
  readonly pred?: string;
  readonly fn?: string;
  readonly sub?: string;
  readonly merger?: string;
  readonly key?: string;
  readonly value?: string;
  readonly init?: Json;
  readonly aggs?: readonly string[];
  readonly branches?: readonly { readonly as: string; readonly pred: string }[];
  readonly default?: string;
  readonly window?: Window;
  readonly emit?: 'windowUpdate' | 'windowClose';
  readonly retentionMs?: number;
  readonly until?: 'windowCloses' | 'timeLimit';
  readonly ms?: number;
  readonly maxRecords?: number;
  readonly whenFull?: 'emitEarly' | 'shutDown';
  readonly joiner?: string;
  readonly fk?: string;
  readonly graceMs?: number;
  readonly processor?: string;
  readonly stores?: readonly string[];
  readonly punctuate?: Punctuate;
  readonly intervalMs?: number;
  readonly clear?: boolean;
  readonly schedules?: readonly Schedule[];
  readonly header?: string;
  readonly headerValue?: string;
  readonly field?: string;
}

export interface Window {
  readonly type?: 'tumbling' | 'hopping' | 'sliding' | 'session' | 'unlimited';
  readonly sizeMs?: number;
  readonly advanceMs?: number;
  readonly gapMs?: number;
  readonly startMs?: number;
  readonly beforeMs?: number;
  readonly afterMs?: number;
  readonly graceMs?: number;
}

export type Punctuate = 'streamTime' | 'wallClock';

export interface Schedule {
  readonly label: string;
  readonly punctuate: Punctuate;
  readonly intervalMs: number;
  readonly cancelAfter?: number;
}

export type HeaderText = readonly [name: string, value: string | null];

export interface InputRecord {
  readonly topic: string;
  readonly key: string | null;
  readonly value: Json;
  readonly ts: number;
  readonly headers?: readonly HeaderText[];
}

export type Step = InputRecord | { readonly advanceWallClockMs: number };

/** What came of a scenario: ours, or what the file beside it says of Kafka Streams. */
export interface Result {
  readonly outputs: { readonly [topic: string]: readonly OutputRow[] };
  readonly peeks?: { readonly [id: string]: readonly PeekRow[] };
  readonly stores?: { readonly [name: string]: readonly StoreRow[] };
  /** `INDEX what`: it failed at that input. */
  readonly error?: string;
}

export interface OutputRow {
  /** The index of the input that caused it. */
  readonly at: number;
  readonly key: Key;
  readonly value: Json;
  readonly ts: number;
  readonly headers?: readonly HeaderText[];
}

export interface PeekRow {
  readonly at: number;
  readonly key: Key;
  readonly value: Json;
}

export interface StoreRow {
  readonly key: Key;
  readonly value: Json;
  readonly ts?: number | null;
  readonly asOf?: { readonly [time: string]: readonly [value: Json, ts: number] | null };
}

export interface Golden extends Result {
  /** What Kafka Streams' in-memory stores do otherwise. */
  readonly inMemory?: Partial<Result>;
}

/** Kafka's highest time, where unlimited windows end; ours is the highest number that is safe. */
const endOfTime = Number.MAX_SAFE_INTEGER;

export function parseScenario(text: string): Scenario {
  return JSON.parse(text) as Scenario;
}

export function parseGolden(text: string): Golden {
  return JSON.parse(text, (_, value: unknown) =>
    typeof value === 'number' && value > endOfTime ? endOfTime : value,
  ) as Golden;
}
