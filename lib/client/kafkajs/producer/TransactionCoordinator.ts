import type { ErrorPlace } from '../../../errors.ts';
import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { GroupMetadata, PartitionOffset } from '../../KafkaClient.ts';
import { kafkaErrorKind, kafkaErrorOf } from '../kafkaErrors.ts';
import { apiKeys } from '../protocol/apiKeys.ts';
import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import * as addOffsets from '../requests/addOffsetsToTxn.ts';
import * as addPartitions from '../requests/addPartitionsToTxn.ts';
import * as endTxn from '../requests/endTxn.ts';
import type { ProducerIdentity } from '../requests/initProducerId.ts';
import * as initProducer from '../requests/initProducerId.ts';
import type { PartitionError } from '../requests/topicArrays.ts';
import * as offsetCommit from '../requests/txnOffsetCommit.ts';
import { type RetryOptions, retrying, withCoordinator } from '../retry.ts';
import type { CoordinatorKind, RequestOptions, Wire } from '../Wire.ts';

export interface TransactionCoordinatorOptions {
  readonly wire: Wire;
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  /** True when the producer is closed: nothing is repeated from then on. */
  readonly given: () => boolean;
}

const concurrentTransactions = 51;
const retryMs = 60_000;
const newcomer: ProducerIdentity = { producerId: -1, producerEpoch: -1 };

/** The requests that a transaction is made of, each repeated for as long as that may help. */
export class TransactionCoordinator {
  readonly #o: TransactionCoordinatorOptions;
  readonly #retry: RetryOptions;

  constructor(o: TransactionCoordinatorOptions) {
    this.#o = o;
    this.#retry = {
      timeoutMs: retryMs,
      initialDelayMs: 20,
      given: o.given,
      // The coordinator is still writing the markers of the transaction before: milliseconds.
      isBrief: ({ kafkaCode }) => kafkaCode === concurrentTransactions,
    };
  }

  /**
   * Without a present identity: fences whoever had the id. With one: refused if it was fenced
   * itself.
   */
  init(present: ProducerIdentity | null): Promise<ProducerIdentity> {
    const { transactionalId, transactionTimeoutMs } = this.#o;
    return this.#ask(
      apiKeys.initProducerId,
      initProducer.initProducerIdVersion,
      (writer) =>
        initProducer.encodeInitProducerId(
          writer,
          transactionalId,
          transactionTimeoutMs,
          present ?? newcomer,
        ),
      (reader) => {
        const { errorCode, producerId, producerEpoch } = initProducer.decodeInitProducerId(reader);
        check(errorCode, undefined, { abortable: false });
        return { producerId, producerEpoch };
      },
      { flexible: true },
    );
  }

  addPartitions(identity: ProducerIdentity, partitions: readonly TopicPartition[]): Promise<void> {
    const { transactionalId } = this.#o;
    return this.#ask(
      apiKeys.addPartitionsToTxn,
      addPartitions.addPartitionsToTxnVersion,
      (writer) =>
        addPartitions.encodeAddPartitionsToTxn(writer, transactionalId, identity, partitions),
      (reader) => checkAll(addPartitions.decodeAddPartitionsToTxn(reader)),
    );
  }

  addOffsets(identity: ProducerIdentity, groupId: string): Promise<void> {
    const { transactionalId } = this.#o;
    return this.#ask(
      apiKeys.addOffsetsToTxn,
      addOffsets.addOffsetsToTxnVersion,
      (writer) => addOffsets.encodeAddOffsetsToTxn(writer, transactionalId, identity, groupId),
      (reader) => check(addOffsets.decodeAddOffsetsToTxn(reader)),
    );
  }

  /** Goes to the group's coordinator, which knows its generation. */
  commitOffsets(
    identity: ProducerIdentity,
    group: GroupMetadata,
    offsets: readonly PartitionOffset[],
  ): Promise<void> {
    const { transactionalId } = this.#o;
    return this.#askOf(
      'group',
      group.groupId,
      apiKeys.txnOffsetCommit,
      offsetCommit.txnOffsetCommitVersion,
      (writer) =>
        offsetCommit.encodeTxnOffsetCommit(writer, transactionalId, identity, group, offsets),
      (reader) => checkAll(offsetCommit.decodeTxnOffsetCommit(reader)),
      { flexible: true },
    );
  }

  end(identity: ProducerIdentity, isCommit: boolean): Promise<void> {
    const { transactionalId } = this.#o;
    return this.#ask(
      apiKeys.endTxn,
      endTxn.endTxnVersion,
      (writer) => endTxn.encodeEndTxn(writer, transactionalId, identity, isCommit),
      (reader) => check(endTxn.decodeEndTxn(reader)),
    );
  }

  #ask<T>(
    apiKey: number,
    version: number,
    write: (writer: ProtocolWriter) => void,
    read: (reader: ProtocolReader) => T,
    options?: RequestOptions,
  ): Promise<T> {
    const { transactionalId } = this.#o;
    return this.#askOf('transaction', transactionalId, apiKey, version, write, read, options);
  }

  #askOf<T>(
    kind: CoordinatorKind,
    key: string,
    apiKey: number,
    version: number,
    write: (writer: ProtocolWriter) => void,
    read: (reader: ProtocolReader) => T,
    options?: RequestOptions,
  ): Promise<T> {
    const { wire } = this.#o;
    return withCoordinator(
      wire,
      kind,
      key,
      async (node) => read(await wire.request(node, apiKey, version, write, options)),
      this.#retry,
    );
  }
}

/** An identity of no transactional id: any broker gives it. */
export function plainIdentity(wire: Wire, given: () => boolean): Promise<ProducerIdentity> {
  return retrying(
    wire,
    async (attempt) => {
      const { nodes } = await wire.metadata([], attempt > 0);
      const known = [...nodes.keys()];
      const node = known[Math.floor(wire.random() * known.length)] ?? -1;
      const reader = await wire.request(
        node,
        apiKeys.initProducerId,
        initProducer.initProducerIdVersion,
        (writer) => initProducer.encodeInitProducerId(writer, null, 0, newcomer),
        { flexible: true },
      );
      const { errorCode, producerId, producerEpoch } = initProducer.decodeInitProducerId(reader);
      check(errorCode, undefined, { abortable: false });
      return { producerId, producerEpoch };
    },
    { timeoutMs: retryMs, given },
  );
}

/** What one partition is at fault for the others were not attempted for: that one decides. */
function checkAll(results: readonly PartitionError[]): void {
  const failed = results.filter(({ errorCode }) => errorCode !== 0);
  const first = failed.find(({ errorCode }) => errorCode !== notAttempted) ?? failed[0];
  if (first === undefined) return;
  const { errorCode, topic, partition } = first;
  check(errorCode, { topic, partition });
}

const fencedInstance = 82;
const transactionalIdRefused = 53;
const invalidState = 48;
const notAttempted = 55;

/**
 * What the transaction's caller is to do: nothing more (fenced), or abort it and go on. Where there
 * is no transaction yet, not `abortable`, it is to mend what was refused.
 */
function check(errorCode: number, place?: ErrorPlace, { abortable } = { abortable: true }): void {
  if (errorCode === 0) return;
  const { code, retriable } = kafkaErrorKind(errorCode);
  if (retriable) {
    throw kafkaErrorOf(errorCode, 'The coordinator cannot do this now. Try again.', place);
  }
  if (code === 'GROUP_GENERATION_LOST' || errorCode === fencedInstance) {
    const advice = 'The group went on without this member. Abort the transaction and rejoin.';
    throw kafkaErrorOf(errorCode, advice, place, { abortable: true });
  }
  if (code === 'FENCED') {
    const advice =
      'Another producer took over this transactional id. Close this one; make a new one ' +
      'only if this instance is to take over.';
    throw kafkaErrorOf(errorCode, advice, place);
  }
  if (errorCode === transactionalIdRefused || errorCode === invalidState) {
    const advice =
      'The coordinator refuses this producer. Check its rights; close it, make a new one.';
    throw kafkaErrorOf(errorCode, advice, place);
  }
  const advice = abortable
    ? 'Abort the transaction; check the rights.'
    : "Check this client's rights and the transaction's timeout.";
  throw kafkaErrorOf(errorCode, advice, place, { abortable });
}
