import { KafkaError } from '../../errors.ts';
import { partitionKey, type TopicPartition } from '../../model/topicPartition.ts';
import type {
  GroupMetadata,
  NewBatch,
  PartitionOffset,
  Producer,
  ProducerOptions,
} from '../KafkaClient.ts';
import { Sender } from './producer/Sender.ts';
import { plainIdentity, TransactionCoordinator } from './producer/TransactionCoordinator.ts';
import { type Codecs, compressionNumbers } from './records/Codecs.ts';
import type { ProducerIdentity } from './requests/initProducerId.ts';
import type { Wire } from './Wire.ts';

export interface ProducerParts {
  readonly wire: Wire;
  readonly codecs: Codecs;
  /** The name of the connections its records go by. */
  readonly lane: string;
  readonly options: ProducerOptions;
  readonly onClose?: () => void;
}

type State = 'new' | 'ready' | 'in transaction' | 'ending';

/** How long `close` waits for what is under way, and its connection's `close` for an abort. */
const closeMs = 10_000;
const abandonMs = 2_000;

/** An idempotent producer; with a transactional id, a transactional one. */
export class KafkajsProducer implements Producer {
  readonly #p: ProducerParts;
  readonly #sender: Sender;
  readonly #coordinator: TransactionCoordinator | null;
  #state: State;
  #identity: ProducerIdentity | null = null;
  #preparing: Promise<void> | null = null;
  /** Nothing can be done with it any more. */
  #death: KafkaError | null = null;
  /** The transaction at hand can only be aborted. */
  #failure: KafkaError | null = null;
  #isBroken = false;
  #isClosed = false;
  /** What the transaction at hand was extended to. */
  readonly #partitions = new Set<string>();
  readonly #groups = new Set<string>();
  readonly #toAdd = new Map<string, TopicPartition>();
  #adding: Promise<void> | null = null;

  constructor(parts: ProducerParts) {
    const { wire, lane, options: o, codecs } = parts;
    const transactionalId = o.transactionalId ?? null;
    const codecNumber = compressionNumbers[o.compression ?? 'none'];
    this.#p = parts;
    this.#state = transactionalId === null ? 'ready' : 'new';
    this.#sender = new Sender({
      wire,
      lane,
      transactionalId,
      codecNumber,
      codec: () => codecs.get(codecNumber) ?? null,
      bufferBytes: o.bufferBytes ?? 33_554_432,
      lingerMs: o.lingerMs ?? 0,
      deliveryTimeoutMs: o.deliveryTimeoutMs ?? 120_000,
      identity: () => this.#identity,
      maySendTo: (tp) => this.#maySendTo(tp),
      onLoss: (error, isUnresolved) => this.#lost(error, isUnresolved),
    });
    this.#coordinator =
      transactionalId === null
        ? null
        : new TransactionCoordinator({
            wire,
            transactionalId,
            transactionTimeoutMs: o.transactionTimeoutMs ?? 60_000,
            given: () => this.#isClosed,
          });
  }

  async init(): Promise<void> {
    this.#mustLive('init');
    if (this.#coordinator === null) return;
    if (this.#state !== 'new' && this.#state !== 'ready') throw this.#outOfOrder('init');
    await this.#loadCodec();
    await this.#final(async (coordinator) => {
      this.#identity = await coordinator.init(null);
    });
    this.#sender.reset();
    this.#state = 'ready';
  }

  begin(): void {
    this.#mustLive('begin');
    if (this.#coordinator === null) {
      throw new KafkaError(
        'INVALID_OPTION',
        'begin() needs a transactional producer. Give it a `transactionalId`.',
      );
    }
    if (this.#state !== 'ready') throw this.#outOfOrder('begin');
    this.#state = 'in transaction';
  }

  send(batches: readonly NewBatch[]): Promise<readonly number[]> {
    try {
      this.#mustLive('send');
      this.#mustBeInTransaction('send');
    } catch (error) {
      return Promise.reject(error);
    }
    const { promise } = this.#sender.accumulator.add(batches);
    if (this.#identity === null) void this.#prepare();
    else this.#sender.drainSoon();
    // In a transaction a failed send nobody awaits is told by the commit; elsewhere it must not
    // pass in silence, so a promise is given out that nobody has handled yet.
    return this.#coordinator === null ? promise.then((offsets) => offsets) : promise;
  }

  async sendOffsets(offsets: readonly PartitionOffset[], group: GroupMetadata): Promise<void> {
    this.#mustLive('sendOffsets');
    this.#mustBeInTransaction('sendOffsets');
    const identity = this.#identity;
    const coordinator = this.#coordinator;
    if (coordinator === null || identity === null) throw this.#outOfOrder('sendOffsets');
    if (offsets.length === 0) return;
    try {
      if (!this.#groups.has(group.groupId)) await coordinator.addOffsets(identity, group.groupId);
      this.#groups.add(group.groupId);
      await coordinator.commitOffsets(identity, group, offsets);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async commit(): Promise<void> {
    this.#mustLive('commit');
    this.#mustBeInTransaction('commit');
    this.#state = 'ending';
    try {
      await this.#sender.flush();
      this.#mustLive('commit');
      if (this.#failure !== null) throw mustAbort('commit', this.#failure);
      await this.#end(true);
      this.#ended();
    } catch (error) {
      this.#state = 'in transaction';
      throw this.#failed(error);
    }
  }

  async abort(): Promise<void> {
    this.#mustLive('abort');
    if (this.#coordinator === null || this.#state !== 'in transaction') {
      throw this.#outOfOrder('abort');
    }
    this.#state = 'ending';
    const why = new KafkaError(
      'TRANSACTION_ABORTABLE',
      'The transaction was aborted before these records were written. Begin another one.',
      { abortable: true },
    );
    this.#sender.refuse(why);
    await this.#sender.accumulator.settled();
    await this.#final(async (coordinator) => {
      await this.#end(false);
      if (!this.#sender.isBroken && !this.#isBroken) return;
      // Some records may or may not have been written: a new epoch lets the sequences start anew.
      // Given the present one, a zombie is refused. Before 4.0 a coordinator that is asked for one
      // within a transaction fences whoever asks.
      this.#identity = await coordinator.init(this.#identity);
      this.#sender.reset();
    });
    this.#ended();
  }

  async flush(): Promise<void> {
    await this.#sender.flush();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.#within(closeMs, async () => {
      if (this.#coordinator === null) await this.#sender.flush();
      else if (this.#state === 'in transaction' && this.#death === null) await this.abort();
    });
    this.end();
  }

  /** Ends an open transaction, so that its readers need not wait for its timeout, and itself. */
  async abandon(): Promise<void> {
    if (this.#coordinator !== null && this.#state === 'in transaction' && this.#death === null) {
      await this.#within(abandonMs, () => this.abort());
    }
    this.end();
  }

  /** Ends it now: what is under way rejects. */
  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#sender.failAll(closedError());
    this.#sender.close();
    this.#p.onClose?.();
  }

  /** Gets what the first send needs: an identity and the codec. */
  #prepare(): Promise<void> {
    this.#preparing ??= (async () => {
      try {
        await this.#loadCodec();
        this.#identity = await plainIdentity(this.#p.wire, () => this.#isClosed);
      } catch (error) {
        this.#sender.failAll(asKafkaError(error));
      } finally {
        this.#preparing = null;
      }
      this.#sender.drain();
    })();
    return this.#preparing;
  }

  #loadCodec(): Promise<void> {
    return this.#p.codecs.load(compressionNumbers[this.#p.options.compression ?? 'none']);
  }

  /** In a transaction a partition is written to once the coordinator knows of it. */
  #maySendTo(tp: TopicPartition): boolean {
    if (this.#coordinator === null) return true;
    const key = partitionKey(tp);
    if (this.#partitions.has(key)) return true;
    if (this.#failure === null && this.#death === null) {
      this.#toAdd.set(key, { topic: tp.topic, partition: tp.partition });
      this.#adding ??= this.#add(this.#coordinator);
    }
    return false;
  }

  async #add(coordinator: TransactionCoordinator): Promise<void> {
    // Those that are found in the same round of draining go in one request.
    await Promise.resolve();
    try {
      while (this.#toAdd.size > 0 && this.#identity !== null) {
        const added = [...this.#toAdd];
        this.#toAdd.clear();
        await coordinator.addPartitions(
          this.#identity,
          added.map(([, tp]) => tp),
        );
        for (const [key] of added) this.#partitions.add(key);
      }
    } catch (error) {
      this.#toAdd.clear();
      // What is under way to other partitions is given up with the rest, whatever becomes of it.
      this.#isBroken = true;
      this.#sender.failAll(this.#failed(error));
    } finally {
      this.#adding = null;
    }
    this.#sender.drain();
  }

  async #end(isCommit: boolean): Promise<void> {
    await this.#adding;
    const isTouched = this.#partitions.size > 0 || this.#groups.size > 0;
    if (!isTouched || this.#identity === null || this.#coordinator === null) return;
    await this.#coordinator.end(this.#identity, isCommit);
  }

  #ended(): void {
    this.#partitions.clear();
    this.#groups.clear();
    this.#toAdd.clear();
    this.#failure = null;
    this.#isBroken = false;
    this.#sender.accept();
    this.#state = 'ready';
  }

  /**
   * A batch is lost. What its sender is told says whether a transaction can be saved by aborting
   * it.
   */
  #lost(error: KafkaError, isUnresolved: boolean): KafkaError {
    if (this.#coordinator === null) {
      if (isUnresolved) this.#die(error);
      return error;
    }
    this.#isBroken ||= isUnresolved;
    return this.#failed(error);
  }

  /** Remembers what a failed transaction came to; the answer is that same error, classed. */
  #failed(error: unknown): KafkaError {
    const known = asKafkaError(error);
    if (this.#coordinator === null || this.#isClosed) return known;
    if (known.code === 'FENCED' && !known.abortable) this.#die(known);
    else if (!known.abortable && !known.retriable) this.#die(known);
    else if (this.#state === 'in transaction' || this.#state === 'ending') this.#spoil(known);
    return known;
  }

  /** Nothing more is sent in this transaction: who waits is told at once. */
  #spoil(failure: KafkaError): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.#sender.refuse(mustAbort('send', failure));
  }

  #die(error: KafkaError): void {
    if (this.#death !== null) return;
    this.#death = error;
    this.#sender.failAll(error);
  }

  /** Does what leaves a producer useless when it fails for good. */
  async #final(work: (coordinator: TransactionCoordinator) => Promise<void>): Promise<void> {
    const coordinator = this.#coordinator;
    if (coordinator === null) return;
    try {
      await work(coordinator);
    } catch (error) {
      if (this.#state === 'ending') this.#state = 'in transaction';
      throw this.#failed(error);
    }
  }

  async #within(limitMs: number, work: () => Promise<void>): Promise<void> {
    let cancel = (): void => {};
    const limit = new Promise<void>((resolve) => {
      cancel = this.#p.wire.clock.after(limitMs, resolve);
    });
    await Promise.race([work().catch(() => {}), limit]);
    cancel();
  }

  #mustLive(what: string): void {
    if (this.#isClosed) throw closedError();
    if (this.#death !== null) throw this.#death;
    if (what !== 'init' && this.#state === 'new') throw this.#outOfOrder(what);
  }

  #mustBeInTransaction(what: string): void {
    if (this.#coordinator === null && what === 'send') return;
    if (this.#state !== 'in transaction') throw this.#outOfOrder(what);
    if (this.#failure !== null) throw mustAbort(what, this.#failure);
  }

  #outOfOrder(what: string): KafkaError {
    const remedy = this.#state === 'new' ? 'Call init() first.' : 'Order: begin, send, commit.';
    return new KafkaError(
      'ILLEGAL_TRANSITION',
      `${what}() has no meaning while the producer is ${this.#state}. ${remedy}`,
    );
  }
}

function closedError(): KafkaError {
  return new KafkaError('CLIENT_CLOSED', 'This producer is closed. Make a new one to go on.');
}

function mustAbort(what: string, cause: KafkaError): KafkaError {
  return new KafkaError(
    'TRANSACTION_ABORTABLE',
    `${what}() is not possible: the transaction failed (${cause.message}). Abort it and begin again.`,
    { abortable: true, cause },
  );
}

function asKafkaError(error: unknown): KafkaError {
  if (error instanceof KafkaError) return error;
  return new KafkaError('KAFKA', 'Writing failed by a fault of this client. Report it.', {
    cause: error,
  });
}
