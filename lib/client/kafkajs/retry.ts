import { KafkaError } from '../../errors.ts';
import type { Clock } from '../../model/clock.ts';
import type { CoordinatorKind, NodeId, Wire } from './Wire.ts';

export interface RetryOptions {
  /** Gives up, with the last error, when this long has passed; default 30,000. */
  readonly timeoutMs?: number;
  /** The first pause, doubled each time; default 50. */
  readonly initialDelayMs?: number;
  /** The longest pause; default 1,000. */
  readonly maxDelayMs?: number;
  /** Errors that pass within milliseconds: repeated after 5 to 20 ms, however often. */
  readonly isBrief?: (error: KafkaError) => boolean;
  /** Asked before each pause: true gives up, with the last error. */
  readonly given?: (error: KafkaError) => boolean;
}

/** Waits by the clock. */
export function delay(clock: Clock, durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(durationMs, resolve);
  });
}

export function isRetriable(error: unknown): error is KafkaError {
  return error instanceof KafkaError && error.retriable;
}

/** Runs `work` until it succeeds, fails with what no repetition cures, or time is up. */
export async function retrying<T>(
  wire: Pick<Wire, 'clock' | 'random'>,
  work: (attempt: number) => Promise<T>,
  o: RetryOptions = {},
): Promise<T> {
  const deadline = wire.clock.now() + (o.timeoutMs ?? 30_000);
  const maxDelayMs = o.maxDelayMs ?? 1_000;
  let pauseMs = o.initialDelayMs ?? 50;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!isRetriable(error) || o.given?.(error) === true) throw error;
      // Spread by a fifth each way, so that clients that failed together do not return together.
      const isBrief = o.isBrief?.(error) === true;
      const spreadMs = isBrief ? 5 + 15 * wire.random() : pauseMs * (0.8 + 0.4 * wire.random());
      if (wire.clock.now() + spreadMs >= deadline) throw error;
      await delay(wire.clock, spreadMs);
      if (!isBrief) pauseMs = Math.min(pauseMs * 2, maxDelayMs);
    }
  }
}

const coordinatorMoved: ReadonlySet<number> = new Set([14, 15, 16]);

/**
 * Runs `work` with the node that coordinates a group or transactional id, looking for it anew when
 * it moved or cannot be reached. `work` throws `kafkaErrorOf` the answer's error number.
 */
export function withCoordinator<T>(
  wire: Wire,
  kind: CoordinatorKind,
  key: string,
  work: (node: NodeId) => Promise<T>,
  o: RetryOptions = {},
): Promise<T> {
  return retrying(
    wire,
    async () => {
      const node = await wire.coordinator(kind, key);
      try {
        return await work(node);
      } catch (error) {
        if (isRetriable(error) && isCoordinatorGone(error)) wire.forgetCoordinator(kind, key);
        throw error;
      }
    },
    o,
  );
}

function isCoordinatorGone(error: KafkaError): boolean {
  return error.kafkaCode === null || coordinatorMoved.has(error.kafkaCode);
}
