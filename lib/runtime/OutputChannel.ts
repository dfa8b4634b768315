import type { NewBatch, NewRecord, Producer } from '../client/KafkaClient.ts';

/** The records that wait for one partition. */
export class PendingPartition {
  readonly topic: string;
  readonly partition: number;
  readonly channel: OutputChannel;
  records: NewRecord[] = [];
  isListed = false;

  constructor(topic: string, partition: number, channel: OutputChannel) {
    this.topic = topic;
    this.partition = partition;
    this.channel = channel;
  }
}

/**
 * One producer and what waits for it. Records leave in batches, at the end of each slice; while a
 * transaction commits they wait for the next one.
 */
export class OutputChannel {
  readonly transactional: boolean;
  /** Waiting, and sent but not acknowledged. */
  bytes = 0;
  #producer: Producer;
  #ready: PendingPartition[] = [];
  #waitingBytes = 0;
  #isSealed = false;
  #isInTransaction = false;
  #tail: Promise<unknown> = Promise.resolve();
  #failure: unknown = null;
  readonly #onFailure: (error: unknown) => void;
  readonly #onSettled: () => void;

  constructor(
    producer: Producer,
    transactional: boolean,
    on: { readonly failure: (error: unknown) => void; readonly settled: () => void },
  ) {
    this.#producer = producer;
    this.transactional = transactional;
    this.#onFailure = on.failure;
    this.#onSettled = on.settled;
  }

  get producer(): Producer {
    return this.#producer;
  }

  /** A transaction is open, or records wait for one. */
  get hasWork(): boolean {
    return this.#isInTransaction || this.#ready.length > 0;
  }

  add(to: PendingPartition, record: NewRecord): void {
    to.records.push(record);
    if (!to.isListed) {
      to.isListed = true;
      this.#ready.push(to);
    }
    const bytes = bytesOf(record);
    this.bytes += bytes;
    this.#waitingBytes += bytes;
  }

  /** Takes the last record of a partition back. */
  undo(to: PendingPartition): void {
    const record = to.records.pop();
    if (record === undefined) return;
    const bytes = bytesOf(record);
    this.bytes -= bytes;
    this.#waitingBytes -= bytes;
  }

  /** Sends what waits. Failures are told to `onFailure`, and by `settled`. */
  flush(): void {
    if (this.#ready.length === 0 || this.#isSealed) return;
    const ready = this.#ready;
    const bytes = this.#waitingBytes;
    this.#ready = [];
    this.#waitingBytes = 0;
    const batches: NewBatch[] = [];
    for (const to of ready) {
      to.isListed = false;
      if (to.records.length === 0) continue;
      batches.push({ topic: to.topic, partition: to.partition, records: to.records });
      to.records = [];
    }
    if (batches.length === 0) return;
    const producer = this.#producer;
    const acknowledged = (): void => {
      // After a reset the count began anew.
      if (producer !== this.#producer) return;
      this.bytes -= bytes;
      this.#onSettled();
    };
    void this.send(batches).then(acknowledged, acknowledged);
  }

  /** Sends these now, after all that was sent before; answers the first offsets. */
  send(batches: readonly NewBatch[]): Promise<readonly number[]> {
    this.begin();
    const sent = this.#producer.send(batches);
    const producer = this.#producer;
    const settled = sent.then(
      () => undefined,
      (error: unknown) => {
        if (producer !== this.#producer) return;
        this.#failure ??= error;
        this.#onFailure(error);
      },
    );
    const before = this.#tail;
    this.#tail = settled.then(() => before);
    return sent;
  }

  begin(): void {
    if (!this.transactional || this.#isInTransaction) return;
    this.#producer.begin();
    this.#isInTransaction = true;
  }

  /** Resolves when all that was sent is acknowledged; rejects when some of it was not. */
  async settled(): Promise<void> {
    await this.#tail;
    if (this.#failure !== null) throw this.#failure;
  }

  /** What is added from now on belongs to the next transaction. */
  seal(): void {
    this.#isSealed = this.transactional;
  }

  /** The transaction is over. */
  unseal(): void {
    this.#isSealed = false;
    this.#isInTransaction = false;
  }

  /** Forgets what waits, and goes on with another producer. */
  reset(producer: Producer): void {
    for (const to of this.#ready) {
      to.records = [];
      to.isListed = false;
    }
    this.#ready = [];
    this.bytes = 0;
    this.#waitingBytes = 0;
    this.#failure = null;
    this.#tail = Promise.resolve();
    this.#producer = producer;
    this.unseal();
  }
}

function bytesOf(record: NewRecord): number {
  return (record.key?.length ?? 0) + (record.value?.length ?? 0) + 50;
}
