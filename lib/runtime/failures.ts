import { type ErrorCode, KafkaError, StreamsError } from '../errors.ts';

const passing: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BROKER_UNREACHABLE',
  'REQUEST_TIMEOUT',
  'GROUP_GENERATION_LOST',
  'FENCED',
  'TRANSACTION_ABORTABLE',
]);

/**
 * Errors without a code of their own that a transaction begun again cures: sequences that are
 * broken, and whatever a broker has no name for.
 */
const curable: ReadonlySet<number | null> = new Set([null, -1, 45, 59]);

/** The same work may succeed when it is begun again: from what is committed. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof KafkaError)) return false;
  if (error.retriable) return true;
  // That a transaction must be aborted says nothing of why: a record that is too large still is.
  if (error.code === 'TRANSACTION_ABORTABLE' && error.cause instanceof KafkaError) {
    return isTransient(error.cause);
  }
  if (passing.has(error.code)) return true;
  return error.abortable && error.code === 'KAFKA' && curable.has(error.kafkaCode);
}

export function asStreamsError(error: unknown): StreamsError {
  if (error instanceof StreamsError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new StreamsError(
    'PROCESSING_FAILED',
    `Something of ours failed: ${text}. Please report it.`,
    {
      cause: error,
    },
  );
}
