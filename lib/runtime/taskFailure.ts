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

/** An operator that is not of this library ended the input of one of ours with an error. */
export function foreignFailure(
  cause: unknown,
  task: string,
  node: string,
  record: AnyRecord | null,
): StreamsError {
  const text = cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause);
  const { topic, partition, offset } = record?.[origin] ?? {};
  return new StreamsError(
    'FOREIGN_OPERATOR_FAILED',
    `An operator before ${node} that is not of this library failed: ${text}. Where the app goes on, its pipeline is subscribed again, and what RxJS operators there held in memory is lost. Catch errors inside its function, or do the work in mapValues.`,
    { place: { task, node, topic, partition, offset }, cause },
  );
}
