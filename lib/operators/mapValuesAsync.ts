import type { OperatorFunction } from 'rxjs';
import { StreamsError } from '../errors.ts';
import { checkPolicy, type ErrorPolicy } from '../model/ErrorPolicy.ts';
import type { KRecord } from '../model/record.ts';
import { wholeMs } from '../model/windows/wholeMs.ts';
import { AsyncCalls, type AsyncProject } from './internal/AsyncCalls.ts';
import { partitioned, statefulOperator } from './internal/operator.ts';

/** What a call knows of itself. */
export interface AsyncCall {
  /** Aborted when the time is over or the task closes. */
  readonly signal: AbortSignal;
  /** 1, then one more for each retry. */
  readonly attempt: number;
  /**
   * `topic-partition-offset` of the record: the same after a crash. Exactly-once does not reach
   * other servers, so hand them this.
   */
  readonly idempotencyKey: string;
}

export interface AsyncOptions {
  /** The most calls under way at once, in each task. */
  readonly concurrency: number;
  /**
   * `partition`: results come out as the records came in. `key`: those of one key do, and a key's
   * next call waits for its last. `none`: as they are ready.
   */
  readonly order: 'partition' | 'key' | 'none';
  /** How long an attempt may take; then it is aborted, and has failed. */
  readonly timeoutMs: number;
  /** More attempts after a failed one; the wait before each is twice that before the last. */
  readonly retry?: { readonly times: number; readonly backoffMs: number };
  /**
   * What becomes of a record whose last attempt failed; default: the application's
   * `errors.processing`.
   */
  readonly onError?: ErrorPolicy;
}

/**
 * Makes another value of each by a promise: calls to other servers.
 *
 *   payments                  a1  b2
 *   mapValuesAsync(score)             b9  a7      order: 'none'
 *   mapValuesAsync(score)                 a7 b9   order: 'partition'
 *
 * Partitions: stays. Store: none: what is under way when a task stops is called again elsewhere.
 * Emits: one record for each, later, with its timestamp and headers. Null: null keys and values are
 * shown to the function.
 *
 * A commit waits for all calls under way, so none is lost; while they are many the task takes no
 * more records.
 *
 * @example
 * import { json, mapValuesAsync, stream, to, topic, topology } from 'rxkstreams';
 *
 * const payments = topic('payments', json<{ cents: number }>());
 * const scored = topology(() => {
 *   stream(payments).pipe(
 *     mapValuesAsync(async (payment) => ({ ...payment, score: payment.cents > 100 ? 1 : 0 }), {
 *       concurrency: 32,
 *       order: 'key',
 *       timeoutMs: 2_000,
 *       retry: { times: 3, backoffMs: 100 },
 *     }),
 *     to(topic('scored', json<{ cents: number; score: number }>())),
 *   );
 * });
 * scored.describe().includes('KSTREAM-MAPVALUES-ASYNC'); // => true
 *
 * @param project Sees the value, its key, and the call: hand `signal` and `idempotencyKey` on.
 * @see mapValues
 */
export function mapValuesAsync<K, V, R>(
  project: (value: V, key: K, call: AsyncCall) => Promise<R>,
  o: AsyncOptions,
): OperatorFunction<KRecord<K, V>, KRecord<K, R>> {
  if (!Number.isSafeInteger(o.concurrency) || o.concurrency < 1) {
    throw new StreamsError(
      'INVALID_OPTION',
      `mapValuesAsync: concurrency is ${o.concurrency}; give a whole number, 1 or more.`,
    );
  }
  if (!['partition', 'key', 'none'].includes(o.order)) {
    throw new StreamsError(
      'INVALID_OPTION',
      `mapValuesAsync: order is ${String(o.order)}; give 'partition', 'key' or 'none'.`,
    );
  }
  checkPolicy('mapValuesAsync: onError', o.onError);
  wholeMs('mapValuesAsync', 'timeoutMs', o.timeoutMs, 1);
  if (o.retry !== undefined) wholeMs('mapValuesAsync', 'retry.backoffMs', o.retry.backoffMs, 0);
  return statefulOperator(
    {
      kind: 'mapValuesAsync',
      describedAs: 'KSTREAM-MAPVALUES-ASYNC',
      accepts: [partitioned],
    },
    [],
    (node) => {
      const calls = new AsyncCalls(node, project as unknown as AsyncProject, o);
      return { inputs: [(record) => calls.take(record)], onClose: () => calls.close() };
    },
  );
}
