import type { GroupOptions, KafkaConnection, OffsetSpec } from '../client/KafkaClient.ts';
import type { StreamsError } from '../errors.ts';
import type { Clock } from '../model/clock.ts';
import type { ErrorPolicy } from '../model/ErrorPolicy.ts';
import type { StateStorage } from '../state/StateStorage.ts';
import type { Kernel } from '../topology/NodeContext.ts';
import type { AppLayout } from './AppLayout.ts';
import type { BufferBounds } from './Fetcher.ts';
import type { Guarantee } from './Guarantee.ts';
import type { TaskMetrics } from './TaskMetrics.ts';
import type { RestoredStore } from './TaskRestorer.ts';

/** What a thread is made of: the app's options, settled, and what it found out at its start. */
export interface ThreadOptions {
  readonly connection: KafkaConnection;
  readonly applicationId: string;
  /** Tells this process apart, and names its transactional producer. */
  readonly process: string;
  readonly instanceId: string | undefined;
  readonly endpoint: string | null;
  readonly layout: AppLayout;
  readonly changelogs: ReadonlyMap<string, string>;
  readonly factory: () => void;
  readonly guarantee: Guarantee;
  readonly clock: Clock;
  readonly state: StateStorage;
  /** Tasks with a checkpoint here, as the app started. */
  readonly kept: readonly string[];
  readonly undecodable: ErrorPolicy;
  readonly processing: ErrorPolicy;
  readonly production: ErrorPolicy;
  readonly maxTaskIdleMs: number;
  readonly idleAfterMs: number | null;
  readonly commitIntervalMs: number;
  readonly maxUncommittedBytes: number;
  readonly maxRecordBytes: number;
  readonly autoCommit: boolean | 'every record';
  readonly buffer: BufferBounds;
  readonly startFrom: OffsetSpec;
  readonly group: Pick<GroupOptions, 'sessionMs' | 'rebalanceMs' | 'heartbeatMs'>;
  readonly transactionTimeoutMs: number | undefined;
  readonly globals: (node: number) => Kernel | undefined;
  readonly metricsOf: (task: string) => TaskMetrics;
  readonly events: ThreadEvents;
}

/** What a thread tells its app. */
export interface ThreadEvents {
  rebalancing(): void;
  running(): void;
  report(error: StreamsError): void;
  fatal(error: StreamsError): void;
  restored(store: RestoredStore): void;
  turned(): void;
  committed(): void;
  assigned(): void;
}
