import type { KafkaClient, OffsetSpec } from '../client/KafkaClient.ts';
import { StreamsError } from '../errors.ts';
import type { Clock, Random } from '../model/clock.ts';
import { checkPolicy, type ErrorPolicy } from '../model/ErrorPolicy.ts';
import type { StateStorage } from '../state/StateStorage.ts';
import { Topology } from '../topology/Topology.ts';
import type { Guarantee } from './Guarantee.ts';
import type { InternalTopicsOptions } from './prepareTopics.ts';

/** How an app runs. Only `applicationId` and `client` have no default. */
export interface KafkaStreamsOptions {
  /**
   * Names the group, the internal topics and the checkpoints: the same for all instances of an app.
   */
  readonly applicationId: string;
  /** The cluster: `kafkajs({ brokers })` or `memoryKafka()`. */
  readonly client: KafkaClient;
  /** Default `at-least-once`. */
  readonly guarantee?: Guarantee;
  /**
   * Default 100. What is done is also committed when the inputs drain, and at
   * `maxUncommittedBytes`.
   */
  readonly commitIntervalMs?: number;
  /** How other instances' users reach this one, for `locate`: a URL. */
  readonly endpoint?: string;
  /**
   * Where checkpoints are kept; default: nowhere, so that state is restored from its changelogs at
   * each start.
   */
  readonly state?: StateStorage;
  /** What becomes of records that cannot be decoded, processed or produced; default: each fails. */
  readonly errors?: {
    readonly undecodable?: ErrorPolicy;
    readonly processing?: ErrorPolicy;
    readonly production?: ErrorPolicy;
  };
  /**
   * A quiet input counts as finished for now after so long: what waits for its time is closed.
   * Default: never.
   */
  readonly idle?: { readonly afterMs: number };
  /** Where to begin when the group has no offset; default `earliest`. */
  readonly startFrom?: OffsetSpec;
  /** Static membership: this instance may restart within the session without a rebalance. */
  readonly instanceId?: string;
  /**
   * How long to wait for producers when an input of several is at its end; -1 does not even look.
   * Default 0.
   */
  readonly maxTaskIdleMs?: number;
  /** Default 10,000. */
  readonly sessionMs?: number;
  /** Default 60,000. */
  readonly rebalanceMs?: number;
  /** Default a third of `sessionMs`. */
  readonly heartbeatMs?: number;
  /** Default 60,000. */
  readonly transactionTimeoutMs?: number;
  /** Default 64 MiB, of state changes and of records not yet acknowledged. */
  readonly maxUncommittedBytes?: number;
  /** Default 1 MiB, as brokers have it. */
  readonly maxRecordBytes?: number;
  /** Of each partition: default 10,000 records, 8 MiB. */
  readonly buffer?: { readonly records?: number; readonly bytes?: number };
  readonly internalTopics?: InternalTopicsOptions;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Hears, line by line, what an operator of the program would want to know. */
  readonly log?: (line: string) => void;
  /** @internal false: commits happen by `commit()` alone; `every record`: one after each turn */
  readonly autoCommit?: boolean | 'every record';
}

const whole: readonly (keyof KafkaStreamsOptions)[] = [
  'commitIntervalMs',
  'sessionMs',
  'rebalanceMs',
  'heartbeatMs',
  'transactionTimeoutMs',
  'maxUncommittedBytes',
  'maxRecordBytes',
];

/** All there are: a name that is none of these was meant to be one. */
const names: Readonly<Record<keyof KafkaStreamsOptions, true>> = {
  applicationId: true,
  client: true,
  guarantee: true,
  commitIntervalMs: true,
  endpoint: true,
  state: true,
  errors: true,
  idle: true,
  startFrom: true,
  instanceId: true,
  maxTaskIdleMs: true,
  sessionMs: true,
  rebalanceMs: true,
  heartbeatMs: true,
  transactionTimeoutMs: true,
  maxUncommittedBytes: true,
  maxRecordBytes: true,
  buffer: true,
  internalTopics: true,
  clock: true,
  random: true,
  log: true,
  autoCommit: true,
};
const handlers = ['undecodable', 'processing', 'production'];

/** Throws for what is no topology. */
export function checkTopology(topology: Topology): void {
  if (topology instanceof Topology) return;
  throw new StreamsError(
    'INVALID_OPTION',
    `new KafkaStreams(topology, options): the first is ${typeof (topology as unknown)}, not a topology. Hand it what topology(() => { ... }) answers.`,
  );
}

/** Throws for what could not work, before anything is started. */
export function checkOptions(o: KafkaStreamsOptions): void {
  if (typeof o !== 'object' || o === null) {
    throw invalid('applicationId', undefined, 'a name; hand over { applicationId, client }');
  }
  for (const name of Object.keys(o)) if (!(name in names)) throw unknown(name, Object.keys(names));
  const { applicationId, client, guarantee = 'at-least-once', idle, maxTaskIdleMs = 0 } = o;
  if (typeof applicationId !== 'string' || !/^[a-zA-Z0-9._-]{1,200}$/.test(applicationId)) {
    throw invalid(
      'applicationId',
      applicationId,
      'letters, digits, dots, underscores and hyphens, as it names topics',
    );
  }
  if (typeof client?.connect !== 'function') {
    throw invalid('client', client, "kafkajs({ brokers: ['host:9092'] }) or memoryKafka()");
  }
  if (!['at-least-once', 'exact-state', 'exactly-once'].includes(guarantee)) {
    throw invalid('guarantee', guarantee, "'at-least-once', 'exact-state' or 'exactly-once'");
  }
  for (const name of whole) {
    const value = o[name];
    if (value !== undefined && !(Number.isInteger(value) && (value as number) > 0)) {
      throw invalid(name, value, 'a whole number above 0');
    }
  }
  if (idle !== undefined && !(Number.isFinite(idle.afterMs) && idle.afterMs >= 0)) {
    throw invalid('idle.afterMs', idle.afterMs, 'a number of ms, 0 or more');
  }
  if (!Number.isFinite(maxTaskIdleMs) || maxTaskIdleMs < -1) {
    throw invalid('maxTaskIdleMs', maxTaskIdleMs, '-1, 0 or a number of ms');
  }
  if (o.state !== undefined && typeof o.state?.open !== 'function') {
    throw invalid('state', o.state, 'idbStorage({ name }) or lmdbStorage({ path })');
  }
  if (!startsSomewhere(o.startFrom)) {
    throw invalid('startFrom', o.startFrom, "'earliest', 'latest' or { timestampMs }");
  }
  for (const [name, policy] of Object.entries(o.errors ?? {})) {
    if (!handlers.includes(name)) throw unknown(`errors.${name}`, handlers);
    checkPolicy(`errors.${name}`, policy);
  }
  for (const name of ['records', 'bytes'] as const) {
    const value = o.buffer?.[name];
    if (value !== undefined && !(Number.isInteger(value) && value > 0)) {
      throw invalid(`buffer.${name}`, value, 'a whole number above 0');
    }
  }
}

function startsSomewhere(from: unknown): boolean {
  if (from === undefined || from === 'earliest' || from === 'latest') return true;
  return Number.isFinite((from as { readonly timestampMs?: unknown } | null)?.timestampMs);
}

function unknown(name: string, all: readonly string[]): StreamsError {
  return new StreamsError(
    'INVALID_OPTION',
    `There is no option ${name}. There are: ${all.join(', ')}.`,
  );
}

function invalid(name: string, value: unknown, expected: string): StreamsError {
  const shown =
    typeof value === 'object' && value !== null
      ? 'an object'
      : typeof value === 'string'
        ? `'${value}'`
        : String(value);
  return new StreamsError(
    'INVALID_OPTION',
    `The option ${name} is ${shown}: it takes ${expected}.`,
  );
}
