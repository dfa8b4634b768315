import { KafkaError } from '../../errors.ts';
import type { TopicPartition } from '../../model/topicPartition.ts';
import type {
  GroupMetadata,
  NewBatch,
  NewRecord,
  PartitionOffset,
  Producer,
  ProducerOptions,
} from '../KafkaClient.ts';
import { checkThere, clientClosed, outOfOrder } from './answers.ts';
import type { Link, MemoryApi } from './Link.ts';
import type { MemoryGroup } from './MemoryGroup.ts';
import type { MemoryLog } from './MemoryLog.ts';
import type { MemoryTransactions, ProducerIdentity } from './MemoryTransactions.ts';

const retryMs = 100;
/** How long `close` waits for what is under way. */
const closeMs = 10_000;

/** What a producer sees of the cluster. */
export interface ProducerHome {
  readonly transactions: MemoryTransactions;
  has(tp: TopicPartition): boolean;
  group(groupId: string): MemoryGroup;
  /** Finds or makes (where topics make themselves) a log; throws when there is none. */
  logToWrite(topic: string, partition: number): MemoryLog;
  appendTo(log: MemoryLog, records: readonly NewRecord[], producerId: number | null): number;
}

type State = 'new' | 'ready' | 'in transaction' | 'must abort' | 'dead' | 'closed';

/**
 * Writes. In quiet times a send is appended before it returns; under faults it is tried again, in
 * order, until it is done once or its time is over.
 */
export class MemoryProducer implements Producer {
  readonly #link: Link;
  readonly #home: ProducerHome;
  readonly #transactionalId: string | null;
  readonly #timeoutMs: number;
  readonly #deliveryTimeoutMs: number;
  #state: State;
  #identity: ProducerIdentity | null = null;
  #death: KafkaError | null = null;
  /** Calls under way, by what gives them up; and the last of them. */
  readonly #waiting: Set<(error: KafkaError) => void> = new Set();
  #tail: Promise<unknown> = Promise.resolve();
  /** Ends the pause between two tries. */
  #wake: () => void = () => {};
  #closing: Promise<void> | null = null;
  readonly #onClose: () => void;

  constructor(link: Link, home: ProducerHome, o: ProducerOptions, onClose: () => void) {
    this.#link = link;
    this.#home = home;
    this.#onClose = onClose;
    this.#transactionalId = o.transactionalId ?? null;
    this.#timeoutMs = o.transactionTimeoutMs ?? 60_000;
    this.#deliveryTimeoutMs = o.deliveryTimeoutMs ?? 120_000;
    this.#state = this.#transactionalId === null ? 'ready' : 'new';
  }

  async init(): Promise<void> {
    const id = this.#transactionalId;
    if (id === null) return;
    if (this.#state !== 'new' && this.#state !== 'ready') throw this.#refusal('init');
    const init = (): ProducerIdentity => this.#home.transactions.init(id, this.#timeoutMs);
    this.#identity = await this.#call('init-producer', id, init);
    this.#state = 'ready';
  }

  begin(): void {
    if (this.#transactionalId === null) {
      throw outOfOrder('begin() needs a transactional producer: give it a transactionalId');
    }
    if (this.#state !== 'ready') throw this.#refusal('begin');
    this.#state = 'in transaction';
  }

  send(batches: readonly NewBatch[]): Promise<readonly number[]> {
    const expected = this.#transactionalId === null ? 'ready' : 'in transaction';
    if (this.#state !== expected) return Promise.reject(this.#refusal('send'));
    return this.#call('produce', batches[0]?.topic ?? '', () => {
      const home = this.#home;
      const logs = batches.map(({ topic, partition, records }) => {
        return records.length === 0 ? null : home.logToWrite(topic, partition);
      });
      return logs.map((log, i) => {
        return log === null ? -1 : this.#append(log, (batches[i] as NewBatch).records);
      });
    });
  }

  sendOffsets(offsets: readonly PartitionOffset[], group: GroupMetadata): Promise<void> {
    if (this.#state !== 'in transaction') return Promise.reject(this.#refusal('sendOffsets'));
    return this.#call('add-offsets', group.groupId, () => {
      const coordinator = this.#home.group(group.groupId);
      const identity = this.#identity as ProducerIdentity;
      const there = offsets.filter((offset) => this.#home.has(offset));
      this.#home.transactions.addOffsets(identity, coordinator, there, group);
      checkThere(offsets, this.#home);
    });
  }

  async commit(): Promise<void> {
    if (this.#state === 'in transaction') await this.flush();
    if (this.#state === 'must abort') {
      const message = 'A send of this transaction failed: abort it and begin again';
      throw new KafkaError('TRANSACTION_ABORTABLE', message, { abortable: true });
    }
    if (this.#state !== 'in transaction') throw this.#refusal('commit');
    await this.#end('commit');
  }

  async abort(): Promise<void> {
    if (this.#state !== 'in transaction' && this.#state !== 'must abort') {
      throw this.#refusal('abort');
    }
    await this.flush();
    await this.#end('abort');
  }

  async flush(): Promise<void> {
    if (this.#waiting.size > 0) await this.#tail.catch(() => undefined);
  }

  /** What is under way has its time, but not all of its delivery time: then it is given up. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#link.isOpen) await this.#soon(this.#settle());
    this.#state = 'closed';
    // Of who was killed nothing is heard any more.
    if (this.#link.isOpen) for (const giveUp of this.#waiting) giveUp(clientClosed('close'));
    this.#wake();
    this.#onClose();
  }

  async #settle(): Promise<void> {
    await this.flush();
    const isOpen = this.#state === 'in transaction' || this.#state === 'must abort';
    if (isOpen && this.#link.isOpen) await this.#end('abort').catch(() => undefined);
  }

  async #soon(work: Promise<void>): Promise<void> {
    if (this.#waiting.size === 0 && this.#link.isQuiet) return work;
    let cancel = (): void => {};
    const limit = new Promise<void>((resolve) => {
      cancel = this.#link.clock.after(closeMs, resolve);
    });
    await Promise.race([work, limit]);
    cancel();
  }

  async #end(outcome: 'commit' | 'abort'): Promise<void> {
    const identity = this.#identity as ProducerIdentity;
    await this.#call('end-transaction', identity.transactionalId, () => {
      this.#home.transactions.end(identity, outcome);
    });
    this.#state = 'ready';
  }

  #append(log: MemoryLog, records: readonly NewRecord[]): number {
    const identity = this.#identity;
    if (identity === null) return this.#home.appendTo(log, records, null);
    return this.#home.transactions.append(identity, log, records);
  }

  #call<T>(api: MemoryApi, target: string, work: () => T): Promise<T> {
    const isDirect = this.#waiting.size === 0 && this.#link.isQuiet;
    const call = isDirect
      ? this.#link.call(api, target, work)
      : this.#inTurn(() => this.#retry(api, target, work));
    return call.catch((error: unknown) => this.#fail(api, error));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work, work);
    this.#tail = result.then(
      () => undefined,
      () => undefined,
    );
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      const over = (): boolean => this.#waiting.delete(reject);
      result.finally(over).then(resolve, reject);
    });
  }

  /**
   * Tries until it is done; what was done already is not done again, as sequence numbers see to.
   */
  async #retry<T>(api: MemoryApi, target: string, work: () => T): Promise<T> {
    const { clock } = this.#link;
    const until = clock.now() + this.#deliveryTimeoutMs;
    let done: { readonly value: T } | null = null;
    const once = (): T => {
      // Nothing is written any more once close() is over.
      if (this.#state === 'closed') throw clientClosed(api);
      done ??= { value: work() };
      return done.value;
    };
    for (;;) {
      try {
        return await this.#link.call(api, target, once);
      } catch (error) {
        const isRetriable = error instanceof KafkaError && error.retriable;
        const isLate = this.#state === 'closed' || clock.now() + retryMs > until;
        if (!isRetriable || isLate || error.code === 'UNKNOWN_TOPIC') throw error;
      }
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#link.clock.after(retryMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #fail(api: MemoryApi, error: unknown): never {
    if (this.#state === 'closed' || !(error instanceof KafkaError)) throw error;
    if (this.#transactionalId === null) throw error;
    if (error.code === 'FENCED' && !error.abortable) {
      this.#state = 'dead';
      this.#death = error;
    } else if (api === 'produce' || api === 'add-offsets') {
      if (this.#state === 'in transaction') this.#state = 'must abort';
    }
    throw error;
  }

  #refusal(what: string): KafkaError {
    if (this.#death !== null) return this.#death;
    if (this.#state === 'closed' || !this.#link.isOpen) return clientClosed(what);
    if (this.#state === 'new') return outOfOrder(`${what}(): call init() first`);
    if (this.#state === 'must abort') {
      const message = `${what}(): the transaction has failed, abort it`;
      return new KafkaError('TRANSACTION_ABORTABLE', message, { abortable: true });
    }
    const inside = this.#state === 'in transaction' ? 'inside' : 'outside';
    return outOfOrder(
      `${what}() has no meaning ${inside} a transaction: begin() and commit() hold it`,
    );
  }
}
