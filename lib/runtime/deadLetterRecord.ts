import type { NewRecord } from '../client/KafkaClient.ts';
import { StreamsError } from '../errors.ts';
import type { LogRecord } from '../model/logRecord.ts';

export interface DeadLetterOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly task: string | null;
}

const encoder = new TextEncoder();

/**
 * The record as it lay in its log, with what went wrong and where in headers. Their names are those
 * of Kafka Streams' dead-letter records (KIP-1034), with ours beside them.
 */
export function deadLetterRecord(
  raw: LogRecord | null,
  origin: DeadLetterOrigin,
  error: unknown,
): NewRecord {
  const told: [string, string][] = [
    ['code', error instanceof StreamsError ? error.code : 'PROCESSING_FAILED'],
    ['exception', nameOf(error)],
    ['message', error instanceof Error ? error.message : String(error)],
    ['topic', origin.topic],
    ['partition', String(origin.partition)],
    ['offset', String(origin.offset)],
    ['timestamp', String(raw?.timestamp ?? -1)],
    ['task', origin.task ?? ''],
  ];
  return {
    key: raw?.key ?? null,
    value: raw?.value ?? null,
    timestamp: Math.max(0, raw?.timestamp ?? 0),
    headers: [
      ...(raw?.headers ?? []),
      ...told.map(([name, text]) => [`__streams.errors.${name}`, encoder.encode(text)] as const),
    ],
  };
}

function nameOf(error: unknown): string {
  const cause = error instanceof StreamsError ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.name : typeof cause;
}
