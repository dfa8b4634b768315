import type { Clock } from '../../model/clock.ts';
import type { GroupMetadata, NewRecord, PartitionOffset } from '../KafkaClient.ts';
import { outOfOrder, producerFenced } from './answers.ts';
import type { MemoryGroup } from './MemoryGroup.ts';
import type { MemoryLog } from './MemoryLog.ts';

/** Who a transactional producer is: a newer epoch of the same id fences it. */
export interface ProducerIdentity {
  readonly transactionalId: string;
  readonly epoch: number;
}

interface Transaction {
  readonly transactionalId: string;
  readonly producerId: number;
  epoch: number;
  timeoutMs: number;
  readonly logs: Set<MemoryLog>;
  readonly groups: Set<MemoryGroup>;
  cancelTimeout: (() => void) | null;
}

/**
 * The transaction coordinator: one transaction at a time for each id, closed by a marker in every
 * log it wrote to; offsets in it come true with it.
 */
export class MemoryTransactions {
  readonly #clock: Clock;
  readonly #append: (log: MemoryLog, records: readonly NewRecord[], producerId: number) => number;
  readonly #byId: Map<string, Transaction> = new Map();

  constructor(
    clock: Clock,
    append: (log: MemoryLog, records: readonly NewRecord[], producerId: number) => number,
  ) {
    this.#clock = clock;
    this.#append = append;
  }

  /** Fences earlier producers of this id and aborts what they left open. */
  init(transactionalId: string, timeoutMs: number): ProducerIdentity {
    let transaction = this.#byId.get(transactionalId);
    if (transaction === undefined) {
      transaction = {
        transactionalId,
        producerId: this.#byId.size + 1,
        epoch: 0,
        timeoutMs,
        logs: new Set(),
        groups: new Set(),
        cancelTimeout: null,
      };
      this.#byId.set(transactionalId, transaction);
    } else {
      this.#finish(transaction, 'abort');
      transaction.epoch += 1;
      transaction.timeoutMs = timeoutMs;
    }
    return { transactionalId, epoch: transaction.epoch };
  }

  append(identity: ProducerIdentity, log: MemoryLog, records: readonly NewRecord[]): number {
    const transaction = this.#check(identity);
    const first = this.#append(log, records, transaction.producerId);
    if (records.length > 0) {
      transaction.logs.add(log);
      this.#startTimeout(transaction);
    }
    return first;
  }

  addOffsets(
    identity: ProducerIdentity,
    group: MemoryGroup,
    offsets: readonly PartitionOffset[],
    { memberId, generation, instanceId }: GroupMetadata,
  ): void {
    const transaction = this.#check(identity);
    group.checkCommit(memberId, generation, instanceId, true);
    group.offsets.pend(transaction.producerId, offsets);
    transaction.groups.add(group);
    this.#startTimeout(transaction);
  }

  end(identity: ProducerIdentity, outcome: 'commit' | 'abort'): void {
    this.#finish(this.#check(identity), outcome);
  }

  #check({ transactionalId, epoch }: ProducerIdentity): Transaction {
    const transaction = this.#byId.get(transactionalId);
    if (transaction === undefined) throw outOfOrder('init() comes before all else');
    if (transaction.epoch !== epoch) throw producerFenced(transactionalId);
    return transaction;
  }

  #startTimeout(transaction: Transaction): void {
    transaction.cancelTimeout ??= this.#clock.after(transaction.timeoutMs, () => {
      this.#finish(transaction, 'abort');
      transaction.epoch += 1;
    });
  }

  #finish(transaction: Transaction, outcome: 'commit' | 'abort'): void {
    transaction.cancelTimeout?.();
    transaction.cancelTimeout = null;
    const { producerId, logs, groups } = transaction;
    // Offsets first: who sees the records' end may at once ask for them.
    for (const group of groups) group.offsets.settle(producerId, outcome);
    for (const log of logs) log.mark(producerId, outcome, this.#clock.now());
    logs.clear();
    groups.clear();
  }
}
