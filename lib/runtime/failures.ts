import { type ErrorCode, KafkaError, StreamsError } from '../errors.ts';

const passing: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BROKER_UNREACHABLE',
  'REQUEST_TIMEOUT',
  'GROUP_GENERATION_LOST',
  'FENCED',
  'TRANSACTION_ABORTABLE',
]);

/** The same work may succeed when it is begun again: from what is committed. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof KafkaError)) return false;
  return error.retriable || error.abortable || passing.has(error.code);
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
