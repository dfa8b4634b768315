import { type ErrorCode, type ErrorPlace, KafkaError } from '../../errors.ts';

/** What is known of one of Kafka's error numbers. */
export interface KafkaErrorKind {
  readonly name: string;
  /** The same request may succeed later, perhaps elsewhere. */
  readonly retriable: boolean;
  readonly code: ErrorCode;
}

type Row = readonly [
  number: number,
  name: string,
  retriable?: 'retriable' | undefined,
  code?: ErrorCode,
];

const again = 'retriable';
const fatal = undefined;

// Numbers, names and the retriable mark are those of Kafka's own `Errors`; the code is ours.
const rows: readonly Row[] = [
  [-1, 'UNKNOWN_SERVER_ERROR'],
  [1, 'OFFSET_OUT_OF_RANGE', fatal, 'OFFSET_OUT_OF_RANGE'],
  [2, 'CORRUPT_MESSAGE', again],
  [3, 'UNKNOWN_TOPIC_OR_PARTITION', again, 'UNKNOWN_TOPIC'],
  [4, 'INVALID_FETCH_SIZE'],
  [5, 'LEADER_NOT_AVAILABLE', again],
  [6, 'NOT_LEADER_OR_FOLLOWER', again],
  [7, 'REQUEST_TIMED_OUT', again, 'REQUEST_TIMEOUT'],
  [8, 'BROKER_NOT_AVAILABLE', again],
  [9, 'REPLICA_NOT_AVAILABLE', again],
  [10, 'MESSAGE_TOO_LARGE'],
  [11, 'STALE_CONTROLLER_EPOCH'],
  [12, 'OFFSET_METADATA_TOO_LARGE'],
  [13, 'NETWORK_EXCEPTION', again],
  [14, 'COORDINATOR_LOAD_IN_PROGRESS', again],
  [15, 'COORDINATOR_NOT_AVAILABLE', again],
  [16, 'NOT_COORDINATOR', again],
  [17, 'INVALID_TOPIC_EXCEPTION'],
  [18, 'RECORD_LIST_TOO_LARGE'],
  [19, 'NOT_ENOUGH_REPLICAS', again],
  [20, 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', again],
  [21, 'INVALID_REQUIRED_ACKS'],
  [22, 'ILLEGAL_GENERATION', fatal, 'GROUP_GENERATION_LOST'],
  [23, 'INCONSISTENT_GROUP_PROTOCOL'],
  [24, 'INVALID_GROUP_ID'],
  [25, 'UNKNOWN_MEMBER_ID', fatal, 'GROUP_GENERATION_LOST'],
  [26, 'INVALID_SESSION_TIMEOUT'],
  [27, 'REBALANCE_IN_PROGRESS', fatal, 'GROUP_GENERATION_LOST'],
  [28, 'INVALID_COMMIT_OFFSET_SIZE'],
  [29, 'TOPIC_AUTHORIZATION_FAILED'],
  [30, 'GROUP_AUTHORIZATION_FAILED'],
  [31, 'CLUSTER_AUTHORIZATION_FAILED'],
  [32, 'INVALID_TIMESTAMP'],
  [33, 'UNSUPPORTED_SASL_MECHANISM', fatal, 'AUTHENTICATION_FAILED'],
  [34, 'ILLEGAL_SASL_STATE', fatal, 'AUTHENTICATION_FAILED'],
  [35, 'UNSUPPORTED_VERSION', fatal, 'NOT_SUPPORTED'],
  [36, 'TOPIC_ALREADY_EXISTS'],
  [37, 'INVALID_PARTITIONS'],
  [38, 'INVALID_REPLICATION_FACTOR'],
  [39, 'INVALID_REPLICA_ASSIGNMENT'],
  [40, 'INVALID_CONFIG'],
  [41, 'NOT_CONTROLLER', again],
  [42, 'INVALID_REQUEST'],
  [43, 'UNSUPPORTED_FOR_MESSAGE_FORMAT', fatal, 'NOT_SUPPORTED'],
  [44, 'POLICY_VIOLATION'],
  [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
  [46, 'DUPLICATE_SEQUENCE_NUMBER'],
  [47, 'INVALID_PRODUCER_EPOCH', fatal, 'FENCED'],
  [48, 'INVALID_TXN_STATE'],
  [49, 'INVALID_PRODUCER_ID_MAPPING', fatal, 'FENCED'],
  [50, 'INVALID_TRANSACTION_TIMEOUT'],
  [51, 'CONCURRENT_TRANSACTIONS', again],
  [52, 'TRANSACTION_COORDINATOR_FENCED', fatal, 'FENCED'],
  [53, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'],
  [54, 'SECURITY_DISABLED'],
  [55, 'OPERATION_NOT_ATTEMPTED'],
  [56, 'KAFKA_STORAGE_ERROR', again],
  [57, 'LOG_DIR_NOT_FOUND'],
  [58, 'SASL_AUTHENTICATION_FAILED', fatal, 'AUTHENTICATION_FAILED'],
  [59, 'UNKNOWN_PRODUCER_ID'],
  [60, 'REASSIGNMENT_IN_PROGRESS'],
  [67, 'INVALID_PRINCIPAL_TYPE'],
  [68, 'NON_EMPTY_GROUP'],
  [69, 'GROUP_ID_NOT_FOUND'],
  [70, 'FETCH_SESSION_ID_NOT_FOUND', again],
  [71, 'INVALID_FETCH_SESSION_EPOCH', again],
  [72, 'LISTENER_NOT_FOUND', again],
  [73, 'TOPIC_DELETION_DISABLED'],
  [74, 'FENCED_LEADER_EPOCH', again],
  [75, 'UNKNOWN_LEADER_EPOCH', again],
  [76, 'UNSUPPORTED_COMPRESSION_TYPE', fatal, 'NOT_SUPPORTED'],
  [77, 'STALE_BROKER_EPOCH'],
  [78, 'OFFSET_NOT_AVAILABLE', again],
  [79, 'MEMBER_ID_REQUIRED'],
  [80, 'PREFERRED_LEADER_NOT_AVAILABLE', again],
  [81, 'GROUP_MAX_SIZE_REACHED'],
  [82, 'FENCED_INSTANCE_ID', fatal, 'FENCED'],
  [83, 'ELIGIBLE_LEADERS_NOT_AVAILABLE', again],
  [84, 'ELECTION_NOT_NEEDED'],
  [85, 'NO_REASSIGNMENT_IN_PROGRESS'],
  [86, 'GROUP_SUBSCRIBED_TO_TOPIC'],
  [87, 'INVALID_RECORD'],
  [88, 'UNSTABLE_OFFSET_COMMIT', again],
  [89, 'THROTTLING_QUOTA_EXCEEDED', again],
  [90, 'PRODUCER_FENCED', fatal, 'FENCED'],
  [91, 'RESOURCE_NOT_FOUND'],
  [92, 'DUPLICATE_RESOURCE'],
  [93, 'UNACCEPTABLE_CREDENTIAL'],
  [94, 'INCONSISTENT_VOTER_SET'],
  [95, 'INVALID_UPDATE_VERSION'],
  [96, 'FEATURE_UPDATE_FAILED'],
  [97, 'PRINCIPAL_DESERIALIZATION_FAILURE'],
  [100, 'UNKNOWN_TOPIC_ID', again, 'UNKNOWN_TOPIC'],
  [101, 'DUPLICATE_BROKER_REGISTRATION'],
  [103, 'INCONSISTENT_TOPIC_ID', again],
  [106, 'FETCH_SESSION_TOPIC_ID_ERROR', again],
  [107, 'INELIGIBLE_REPLICA'],
  [108, 'NEW_LEADER_ELECTED', again],
  [110, 'FENCED_MEMBER_EPOCH', fatal, 'GROUP_GENERATION_LOST'],
  [113, 'STALE_MEMBER_EPOCH', fatal, 'GROUP_GENERATION_LOST'],
  [120, 'TRANSACTION_ABORTABLE', fatal, 'TRANSACTION_ABORTABLE'],
  [121, 'INVALID_RECORD_STATE'],
];

const kinds: ReadonlyMap<number, KafkaErrorKind> = new Map(
  rows.map(([number, name, retriable, code]) => [
    number,
    { name, retriable: retriable === again, code: code ?? 'KAFKA' },
  ]),
);

const numbers: ReadonlyMap<string, number> = new Map(rows.map(([number, name]) => [name, number]));

/** The number of an error that is known by name; throws on a name Kafka does not have. */
export function kafkaErrorNumber(name: string): number {
  const number = numbers.get(name);
  if (number === undefined) throw new RangeError(`Kafka has no error named ${name}.`);
  return number;
}

/** What is known of an error number: a new broker's unknown one is a plain, final error. */
export function kafkaErrorKind(number: number): KafkaErrorKind {
  return kinds.get(number) ?? { name: `error ${number}`, retriable: false, code: 'KAFKA' as const };
}

/**
 * The error for a number in an answer. `message` says what was attempted and what to do, as in
 * `'The topic cannot be written to. Check ...'`; Kafka's name and number are put in front.
 */
export function kafkaErrorOf(
  number: number,
  message: string,
  place?: ErrorPlace,
  o: { readonly abortable?: boolean; readonly retriable?: boolean } = {},
): KafkaError {
  const kind = kafkaErrorKind(number);
  return new KafkaError(kind.code, `${kind.name} (${number}): ${message}`, {
    kafkaCode: number,
    retriable: o.retriable ?? kind.retriable,
    abortable: o.abortable ?? kind.code === 'TRANSACTION_ABORTABLE',
    ...(place === undefined ? {} : { place }),
  });
}
