import type { Isolation } from '../client/KafkaClient.ts';
import type { StreamsError } from '../errors.ts';
import type { Clock } from '../model/clock.ts';
import type { ErrorPolicy } from '../model/ErrorPolicy.ts';
import type { Kernel } from '../topology/NodeContext.ts';
import type { AppLayout } from './AppLayout.ts';
import type { RecordCollector } from './RecordCollector.ts';
import type { TaskMetrics } from './TaskMetrics.ts';

/** What the tasks of one thread share. */
export interface TaskEnvironment {
  readonly layout: AppLayout;
  /** The topology's: run for each task. */
  readonly factory: () => void;
  readonly collector: RecordCollector;
  readonly clock: Clock;
  readonly isolation: Isolation;
  readonly undecodable: ErrorPolicy;
  readonly processing: ErrorPolicy;
  readonly maxTaskIdleMs: number;
  /** How long a quiet input is waited for before it counts as finished for now; null: for ever. */
  readonly idleAfterMs: number | null;
  /** Names this thread's producer in what it commits; null without transactions. */
  readonly transactionalId: string | null;
  /** Global tables: their kernels, by node. */
  readonly globals: (node: number) => Kernel | undefined;
  metricsOf(task: string): TaskMetrics;
  /** An error that a handler has dealt with, or that ends the app. */
  report(error: StreamsError): void;
  /** The task cannot go on. */
  crash(error: StreamsError): void;
  /** There is something to do again. */
  wake(): void;
}
