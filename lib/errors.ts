/**
 * Every code an error of this library can carry. Codes are the contract: messages may be bettered,
 * codes stay.
 */
export const errorCodes = [
  // building and planning
  'TOPOLOGY_INVALID',
  'TOPOLOGY_NOT_DETERMINISTIC',
  'DUPLICATE_NAME',
  'NODE_NOT_REACHED',
  'NO_BUILD_SCOPE',
  'STAGE_INVALID',
  'NOT_COPARTITIONED',
  'UNKNOWN_TOPIC',
  // running
  'TOPIC_CHANGED',
  'KEY_CHANGED',
  'KEY_TYPE',
  'CHANGE_LOST',
  'OUT_OF_TURN',
  'PIPELINE_COMPLETED',
  'FOREIGN_OPERATOR_FAILED',
  'PROCESSING_FAILED',
  'UNDECODABLE',
  'PRODUCTION_FAILED',
  'SUPPRESS_BUFFER_FULL',
  'ASYNC_TIMEOUT',
  'ILLEGAL_TRANSITION',
  'CLOSE_TIMEOUT',
  // state
  'STATE_CORRUPT',
  'STORE_UNKNOWN',
  'STORE_MOVED',
  'STORE_NOT_READY',
  'STORAGE_LOCKED',
  'STORAGE_FAILED',
  // client
  'BROKER_UNREACHABLE',
  'AUTHENTICATION_FAILED',
  'OFFSET_OUT_OF_RANGE',
  'FENCED',
  'GROUP_GENERATION_LOST',
  'TRANSACTION_ABORTABLE',
  'CODEC_MISSING',
  'PROTOCOL_CORRUPT',
  'KAFKA',
  'CLIENT_CLOSED',
  'REQUEST_TIMEOUT',
  'NOT_SUPPORTED',
  'INVALID_OPTION',
] as const;

/** The stable name of a kind of error. */
export type ErrorCode = (typeof errorCodes)[number];

/** Where an error happened: whatever of it is known. */
export interface ErrorPlace {
  readonly task?: string | undefined;
  readonly node?: string | undefined;
  readonly topic?: string | undefined;
  readonly partition?: number | undefined;
  readonly offset?: number | undefined;
}

/**
 * The root of all errors of this library: a stable `code`, the place it happened, and a message
 * that ends with what to do.
 */
export class StreamsError extends Error {
  override readonly name: string = 'StreamsError';
  readonly code: ErrorCode;
  readonly place: ErrorPlace;

  constructor(
    code: ErrorCode,
    message: string,
    o: { readonly place?: ErrorPlace; readonly cause?: unknown } = {},
  ) {
    const place = o.place ?? {};
    super(message + placeSuffix(place), o.cause === undefined ? undefined : { cause: o.cause });
    this.code = code;
    this.place = place;
  }
}

/** A topology that cannot be planned or does not fit its topics. */
export class TopologyError extends StreamsError {
  override readonly name = 'TopologyError';
}

/** State that cannot be read back: never the user's data handler's business. */
export class StateCorruptError extends StreamsError {
  override readonly name = 'StateCorruptError';
  constructor(message: string, o: { readonly place?: ErrorPlace; readonly cause?: unknown } = {}) {
    super('STATE_CORRUPT', message, o);
  }
}

/** A store's partition has moved to another instance; ask there. */
export class StoreMovedError extends StreamsError {
  override readonly name = 'StoreMovedError';
  /** Where the key is now, as that instance's `endpoint` option tells; null when not known. */
  readonly endpoint: string | null;
  constructor(message: string, endpoint: string | null) {
    super('STORE_MOVED', message);
    this.endpoint = endpoint;
  }
}

/**
 * What Kafka answered, or that it did not. `retriable`: the same call may succeed later.
 * `abortable`: the transaction must be aborted, then work goes on. Neither: the client must be
 * discarded.
 */
export class KafkaError extends StreamsError {
  override readonly name = 'KafkaError';
  /** Kafka's own error number, or null when the error is not the broker's. */
  readonly kafkaCode: number | null;
  readonly retriable: boolean;
  readonly abortable: boolean;
  constructor(
    code: ErrorCode,
    message: string,
    o: {
      readonly kafkaCode?: number;
      readonly retriable?: boolean;
      readonly abortable?: boolean;
      readonly place?: ErrorPlace;
      readonly cause?: unknown;
    } = {},
  ) {
    super(code, message, o);
    this.kafkaCode = o.kafkaCode ?? null;
    this.retriable = o.retriable ?? false;
    this.abortable = o.abortable ?? false;
  }
}

function placeSuffix(place: ErrorPlace): string {
  const parts: string[] = [];
  if (place.task !== undefined) parts.push(`task ${place.task}`);
  if (place.node !== undefined) parts.push(`node ${place.node}`);
  if (place.topic !== undefined) {
    const partition = place.partition === undefined ? '' : `[${place.partition}]`;
    const offset = place.offset === undefined ? '' : `@${place.offset}`;
    parts.push(`${place.topic}${partition}${offset}`);
  }
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
