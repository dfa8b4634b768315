import { type ErrorCode, StreamsError } from '../errors.ts';
import { type AnyRecord, origin } from '../model/record.ts';

/** Wrong programs and broken state: skipping the record would hide it. */
const never: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'KEY_CHANGED',
  'CHANGE_LOST',
  'OUT_OF_TURN',
  'NO_BUILD_SCOPE',
  'PIPELINE_COMPLETED',
  'STATE_CORRUPT',
  'STORE_UNKNOWN',
  'TOPOLOGY_INVALID',
]);

/** Whether the processing handler may decide. */
export function canBeHandled(error: StreamsError): boolean {
  return !never.has(error.code);
}

/** Whatever was thrown in a node, as an error that tells where. */
export function failureOf(
  error: unknown,
  task: string,
  node: string,
  record: AnyRecord | null,
): StreamsError {
  if (error instanceof StreamsError) return error;
  const from = record?.[origin];
  const text =
    record !== null && from === undefined
      ? 'what came in is no record: an operator before it made something else of it. Keep the record and change its value, as in map((r) => ({ ...r, value }))'
      : error instanceof Error
        ? error.message.replace(/\.$/, '')
        : String(error);
  return new StreamsError(
    'PROCESSING_FAILED',
    `${node} failed: ${text}. The record's changes are undone. Mend the function, or set errors.processing to skip or deadLetter(topic).`,
    {
      place: { task, node, topic: from?.topic, partition: from?.partition, offset: from?.offset },
      cause: error,
    },
  );
}
