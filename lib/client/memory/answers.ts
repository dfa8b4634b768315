import { KafkaError } from '../../errors.ts';
import type { TopicPartition } from '../../model/topicPartition.ts';

/**
 * The errors a broker answers with, under Kafka's own numbers, so that what is tested on the memory
 * cluster sees what a real one says.
 */
export function unreachable(what: string): KafkaError {
  return new KafkaError('BROKER_UNREACHABLE', `${what}: no broker answers; it may come back`, {
    retriable: true,
  });
}

export function responseLost(what: string): KafkaError {
  return new KafkaError('REQUEST_TIMEOUT', `${what}: the answer was lost; the work may be done`, {
    retriable: true,
    kafkaCode: 7,
  });
}

export function clientClosed(what: string): KafkaError {
  return new KafkaError('CLIENT_CLOSED', `${what}: this client is closed; make a new one`);
}

export function unknownTopic(topic: string, partition?: number): KafkaError {
  const message = 'No such topic or partition: create it, or check its name';
  return new KafkaError('UNKNOWN_TOPIC', message, {
    kafkaCode: 3,
    retriable: true,
    place: { topic, partition },
  });
}

/** Refuses partitions that do not exist. */
export function checkThere(
  tps: readonly TopicPartition[],
  cluster: { has(tp: TopicPartition): boolean },
): void {
  const missing = tps.find((tp) => !cluster.has(tp));
  if (missing !== undefined) throw unknownTopic(missing.topic, missing.partition);
}

export function offsetOutOfRange(
  { topic, partition }: TopicPartition,
  offset: number,
  start: number,
  end: number,
): KafkaError {
  return new KafkaError(
    'OFFSET_OUT_OF_RANGE',
    `The log holds offsets ${start} to ${end}: seek to where reading shall go on`,
    { kafkaCode: 1, place: { topic, partition, offset } },
  );
}

/** The member is not, or no more, in the group. */
export function unknownMember(groupId: string, abortable = false): KafkaError {
  return new KafkaError(
    'GROUP_GENERATION_LOST',
    `Group ${groupId} does not know this member (evicted?): rejoin by the next poll`,
    { kafkaCode: 25, abortable },
  );
}

export function illegalGeneration(groupId: string, abortable = false): KafkaError {
  return new KafkaError(
    'GROUP_GENERATION_LOST',
    `Group ${groupId} has gone on to another generation: rejoin by the next poll`,
    { kafkaCode: 22, abortable },
  );
}

export function fencedInstance(groupId: string, abortable = false): KafkaError {
  return new KafkaError(
    'FENCED',
    `Another member of group ${groupId} has taken this instance id: close this one`,
    { kafkaCode: 82, abortable },
  );
}

export function rebalanceInProgress(groupId: string): KafkaError {
  return new KafkaError('KAFKA', `Group ${groupId} is rebalancing: try again after the next poll`, {
    kafkaCode: 27,
    retriable: true,
  });
}

export function producerFenced(transactionalId: string): KafkaError {
  const message = `A newer producer has the transactional id ${transactionalId}, or its`;
  return new KafkaError('FENCED', `${message} transaction timed out: close this one`, {
    kafkaCode: 47,
  });
}

/** Any other answer that is final. In a transaction that ends the transaction, not its producer. */
export function refused(
  kafkaCode: number,
  message: string,
  topic?: string,
  abortable = false,
): KafkaError {
  return new KafkaError('KAFKA', message, { kafkaCode, abortable, place: { topic } });
}

/** A call that does not fit the state its object is in: a mistake of the caller. */
export function outOfOrder(message: string): KafkaError {
  return new KafkaError('ILLEGAL_TRANSITION', message);
}

/** An argument that makes no sense here. */
export function misused(message: string, place?: TopicPartition): KafkaError {
  return new KafkaError('INVALID_OPTION', message, place === undefined ? {} : { place });
}
