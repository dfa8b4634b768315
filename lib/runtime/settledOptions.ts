import type { OffsetSpec } from '../client/KafkaClient.ts';
import { type Clock, type Random, systemClock, systemRandom } from '../model/clock.ts';
import { applicationStorage } from '../state/applicationStorage.ts';
import type { StateStorage } from '../state/StateStorage.ts';
import type { BufferBounds } from './Fetcher.ts';
import type { Guarantee } from './Guarantee.ts';
import type { KafkaStreamsOptions } from './KafkaStreamsOptions.ts';
import { noStorage } from './noStorage.ts';

/** The options with their defaults. */
export interface SettledOptions {
  readonly applicationId: string;
  readonly process: string;
  readonly instanceId: string | undefined;
  readonly endpoint: string | null;
  readonly guarantee: Guarantee;
  readonly clock: Clock;
  readonly state: StateStorage;
  readonly maxTaskIdleMs: number;
  readonly idleAfterMs: number | null;
  readonly commitIntervalMs: number;
  readonly maxUncommittedBytes: number;
  readonly maxRecordBytes: number;
  readonly autoCommit: boolean | 'every record';
  readonly buffer: BufferBounds;
  readonly startFrom: OffsetSpec;
  readonly transactionTimeoutMs: number | undefined;
  readonly group: {
    readonly sessionMs?: number;
    readonly rebalanceMs?: number;
    readonly heartbeatMs?: number;
  };
}

export function settledOptions(o: KafkaStreamsOptions): SettledOptions {
  const { sessionMs, rebalanceMs, heartbeatMs, instanceId } = o;
  return {
    applicationId: o.applicationId,
    process: instanceId ?? processId(o.random ?? systemRandom),
    instanceId,
    endpoint: o.endpoint ?? null,
    guarantee: o.guarantee ?? 'at-least-once',
    clock: o.clock ?? systemClock,
    state: o.state === undefined ? noStorage() : applicationStorage(o.state, o.applicationId),
    maxTaskIdleMs: o.maxTaskIdleMs ?? 0,
    idleAfterMs: o.idle?.afterMs ?? null,
    commitIntervalMs: o.commitIntervalMs ?? 100,
    maxUncommittedBytes: o.maxUncommittedBytes ?? 64 << 20,
    maxRecordBytes: o.maxRecordBytes ?? 1 << 20,
    autoCommit: o.autoCommit ?? true,
    buffer: { records: o.buffer?.records ?? 10_000, bytes: o.buffer?.bytes ?? 8 << 20 },
    startFrom: o.startFrom ?? 'earliest',
    transactionTimeoutMs: o.transactionTimeoutMs,
    group: {
      ...(sessionMs === undefined ? {} : { sessionMs }),
      ...(rebalanceMs === undefined ? {} : { rebalanceMs }),
      ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
    },
  };
}

/** Tells this process from all others: 64 random bits. */
function processId(random: Random): string {
  const digits = (): string =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return digits() + digits();
}
