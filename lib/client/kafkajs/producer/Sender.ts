import { KafkaError } from '../../../errors.ts';
import type { TopicPartition } from '../../../model/topicPartition.ts';
import { kafkaErrorKind, kafkaErrorOf } from '../kafkaErrors.ts';
import { Leaders } from '../Leaders.ts';
import { apiKeys } from '../protocol/apiKeys.ts';
import type { Codec } from '../records/Codecs.ts';
import type { ProducerIdentity } from '../requests/initProducerId.ts';
import { decodeProduce, encodeProduce, produceVersion } from '../requests/produce.ts';
import type { NodeId, Wire } from '../Wire.ts';
import { Accumulator } from './Accumulator.ts';
import type { PartitionQueue } from './PartitionQueue.ts';
import type { ProduceBatch } from './ProduceBatch.ts';

export interface SenderOptions {
  readonly wire: Wire;
  readonly lane: string;
  readonly transactionalId: string | null;
  readonly codecNumber: number;
  /** The codec, once it is loaded. */
  readonly codec: () => Codec | null;
  readonly bufferBytes: number;
  readonly lingerMs: number;
  readonly deliveryTimeoutMs: number;
  /** Who sends; null: not known yet, `drain` is called when it is. */
  readonly identity: () => ProducerIdentity | null;
  /** False while a partition must not be sent to yet; `drain` is called when it may. */
  readonly maySendTo: (tp: TopicPartition) => boolean;
  /**
   * A batch is lost for good; the answer is what its sender is told. `isUnresolved`: it may or may
   * not be in the log, so that the sequences are broken.
   */
  readonly onLoss: (error: KafkaError, isUnresolved: boolean) => KafkaError;
}

interface Sent {
  readonly queue: PartitionQueue;
  readonly batch: ProduceBatch;
}

const maxBatchBytes = 1_000_000;
const maxRequestBytes = 8_000_000;
/** Brokers remember the last five batches of a producer: no more may be under way. */
const mostInFlight = 5;
const brokerTimeoutMs = 30_000;
const retryPauseMs = 50;
/** The broker's own words for a batch beyond what the topic, or a log's segment, allows. */
const tooLarge: ReadonlySet<number> = new Set([10, 18]);
const outOfOrder = 45;
const duplicate = 46;
const unknownProducer = 59;

/**
 * Sends batches to the leaders of their partitions, several at a time, and repeats what must be.
 */
export class Sender {
  readonly accumulator: Accumulator;
  readonly #o: SenderOptions;
  readonly #leaders: Leaders;
  readonly #inFlight = new Map<NodeId, number>();
  #cancelTimer: (() => void) | null = null;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #isDrainDue = false;
  #isFlushing = 0;
  #isClosed = false;
  #refusal: KafkaError | null = null;
  #isBroken = false;

  constructor(o: SenderOptions) {
    this.#o = o;
    const { bufferBytes, wire } = o;
    this.accumulator = new Accumulator({ clock: wire.clock, bufferBytes, maxBatchBytes });
    this.#leaders = new Leaders({
      wire,
      onChange: () => this.drain(),
      onFailure: (error) => this.#lookUpFailed(error),
    });
  }

  /** Some of what failed may be in the log, so that the sequences are broken. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /**
   * Until `accept`, fails what is not under way and what comes back to be repeated; the calls that
   * wait for room included.
   */
  refuse(error: KafkaError): void {
    this.#refusal = error;
    this.#sweep(error);
  }

  accept(): void {
    this.#refusal = null;
    this.#isBroken = false;
  }

  /** Starts all sequences anew, under a new identity. Nothing may be under way. */
  reset(): void {
    for (const queue of this.accumulator.queues.values()) queue.reset();
  }

  /** Drains after the caller's turn: what it sends in one go leaves together. */
  drainSoon(): void {
    if (this.#isDrainDue) return;
    this.#isDrainDue = true;
    void Promise.resolve().then(() => {
      this.#isDrainDue = false;
      this.drain();
    });
  }

  /** Waits for no company until all that was added is over. */
  async flush(): Promise<void> {
    this.#isFlushing++;
    this.drain();
    await this.accumulator.settled();
    this.#isFlushing--;
  }

  /** Sends all that may be sent now. */
  drain(): void {
    const identity = this.#o.identity();
    if (this.#isClosed || identity === null) return;
    this.#cancelTimer?.();
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    if (this.#refusal !== null) this.#sweep(this.#refusal);
    this.#expire();
    while (this.#drainOnce(identity)) {
      // Each round takes one batch of each partition: several rounds fill the pipe.
    }
    for (const { pending } of this.accumulator.queues.values()) {
      const first = pending[0];
      if (first !== undefined) this.#wakeAt(first.createdMs + this.#o.deliveryTimeoutMs);
    }
    this.#leaders.search();
  }

  /** Fails all that is held. */
  failAll(error: KafkaError): void {
    this.accumulator.failAll(error);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#leaders.close();
    this.#o.wire.closeLane(this.#o.lane);
  }

  #sweep(error: KafkaError): void {
    this.accumulator.failWaiting(error);
    for (const queue of this.accumulator.queues.values()) {
      for (const batch of queue.pending.splice(0)) {
        if (batch.sequence >= 0) this.#isBroken = true;
        batch.fail(error);
        this.accumulator.release(batch);
      }
    }
  }

  #drainOnce(identity: ProducerIdentity): boolean {
    const now = this.#o.wire.clock.now();
    const requests = new Map<NodeId, { sent: Sent[]; bytes: number }>();
    for (const queue of this.accumulator.queues.values()) {
      if (queue.pending.length === 0 || !this.#o.maySendTo(queue)) continue;
      const node = this.#leaders.of(queue);
      if (node === null || (this.#inFlight.get(node) ?? 0) >= mostInFlight) continue;
      if (!queue.maySend(node, mostInFlight) || !this.#isDue(queue, now)) continue;
      let request = requests.get(node);
      if (request === undefined) {
        request = { sent: [], bytes: 0 };
        requests.set(node, request);
      }
      const size = queue.pending[0]?.size ?? 0;
      if (request.bytes > 0 && request.bytes + size > maxRequestBytes) continue;
      request.sent.push({ queue, batch: queue.send(node) });
      request.bytes += size;
    }
    for (const [node, { sent, bytes }] of requests) {
      void this.#send(node, sent, bytes, identity);
    }
    return requests.size > 0;
  }

  /** It waited long enough for company, and after a failure. */
  #isDue(queue: PartitionQueue, now: number): boolean {
    const batch = queue.pending[0] as ProduceBatch;
    let dueMs = queue.notBeforeMs;
    const lingers = !batch.isClosed && queue.pending.length === 1 && this.#isFlushing === 0;
    if (lingers) dueMs = Math.max(dueMs, batch.createdMs + this.#o.lingerMs);
    if (dueMs <= now) return true;
    this.#wakeAt(dueMs);
    return false;
  }

  async #send(
    node: NodeId,
    sent: readonly Sent[],
    sizeBytes: number,
    identity: ProducerIdentity,
  ): Promise<void> {
    const { wire, lane, transactionalId, codec, codecNumber } = this.#o;
    this.#inFlight.set(node, (this.#inFlight.get(node) ?? 0) + 1);
    try {
      const parts = sent.map(({ queue: { topic, partition }, batch }) => {
        const isTransactional = transactionalId !== null;
        const bytes = batch.bytes(codec(), codecNumber, identity, isTransactional);
        return { topic, partition, bytes };
      });
      const reply = await wire.request(
        node,
        apiKeys.produce,
        produceVersion,
        (writer) => encodeProduce(writer, transactionalId, brokerTimeoutMs, parts),
        {
          lane,
          throttleFirst: false,
          sizeBytes: sizeBytes + 1_024,
          timeoutMs: brokerTimeoutMs + 5_000,
        },
      );
      const { partitions, throttleMs } = decodeProduce(reply);
      wire.throttle(node, lane, throttleMs);
      const answers = new Map(partitions.map((part) => [`${part.topic}-${part.partition}`, part]));
      for (const one of sent) {
        const answer = answers.get(one.queue.key);
        if (answer === undefined) this.#returned(one, 'the answer does not mention it');
        else this.#answered(one, answer.errorCode, answer.errorMessage, answer.baseOffset);
      }
    } catch (error) {
      for (const one of sent) this.#requestFailed(one, error);
    } finally {
      this.#inFlight.set(node, (this.#inFlight.get(node) ?? 1) - 1);
    }
    this.drain();
  }

  #answered(sent: Sent, errorCode: number, errorMessage: string | null, offset: number): void {
    const { queue, batch } = sent;
    if (!queue.inFlight.includes(batch)) return;
    if (errorCode === 0 || errorCode === duplicate) {
      this.#leaders.found();
      queue.acknowledged(batch);
      batch.acknowledge(offset);
      this.#release(batch);
    } else if (errorCode === outOfOrder && queue.isBehindAnother(batch)) {
      queue.returned(batch);
    } else if (tooLarge.has(errorCode) && batch.recordCount > 1) {
      queue.split(batch, batch.split());
    } else if (kafkaErrorKind(errorCode).retriable) {
      this.#returned(sent, kafkaErrorKind(errorCode).name);
    } else {
      const isUnresolved = errorCode === outOfOrder || errorCode === unknownProducer;
      const advice = errorMessage ?? 'The broker refused the records.';
      const { topic, partition } = queue;
      const abortable = this.#mayAbort && kafkaErrorKind(errorCode).code !== 'FENCED';
      const error = kafkaErrorOf(
        errorCode,
        `${advice} Check their size and the topic's rules.`,
        { topic, partition },
        { abortable },
      );
      queue.refused(batch);
      this.#fail(batch, error, isUnresolved || error.code === 'FENCED');
    }
  }

  #requestFailed(sent: Sent, error: unknown): void {
    if (!sent.queue.inFlight.includes(sent.batch)) return;
    if (error instanceof KafkaError && error.retriable) {
      this.#returned(sent, error.message);
      return;
    }
    sent.queue.refused(sent.batch);
    this.#fail(sent.batch, asKafkaError(error), true);
  }

  /** To be sent again, wherever the partition is led by then. */
  #returned({ queue, batch }: Sent, why: string): void {
    this.#leaders.lost(queue.topic);
    queue.notBeforeMs = this.#o.wire.clock.now() + retryPauseMs;
    batch.lastFailure = why;
    queue.returned(batch);
  }

  /** Gives up what is too old, and what goes to a partition that is not there. */
  #expire(): void {
    const now = this.#o.wire.clock.now();
    for (const queue of this.accumulator.queues.values()) {
      const first = queue.pending[0];
      if (first === undefined) continue;
      const { topic, partition } = queue;
      if (first.sequence < 0 && this.#leaders.isMissing(queue)) {
        this.#failPending(queue, this.#missingError(topic, partition));
        continue;
      }
      const deadlineMs = first.createdMs + this.#o.deliveryTimeoutMs;
      if (now < deadlineMs) continue;
      const error = new KafkaError(
        'REQUEST_TIMEOUT',
        `The records were not acknowledged within ${this.#o.deliveryTimeoutMs} ms` +
          `${first.lastFailure === null ? '' : ` (last: ${first.lastFailure})`}. Check the ` +
          'brokers, or raise `deliveryTimeoutMs`.',
        { abortable: this.#mayAbort, place: { topic, partition } },
      );
      queue.pending.shift();
      this.#fail(first, error, first.sequence >= 0);
    }
  }

  #missingError(topic: string, partition: number): KafkaError {
    const advice = 'Create the topic, or check its name.';
    return kafkaErrorOf(3, advice, { topic, partition }, { abortable: this.#mayAbort });
  }

  /** In a transaction a loss is made good by aborting it. */
  get #mayAbort(): boolean {
    return this.#o.transactionalId !== null;
  }

  #failPending(queue: PartitionQueue, error: KafkaError): void {
    for (const batch of queue.pending.splice(0)) this.#fail(batch, error, batch.sequence >= 0);
  }

  #fail(batch: ProduceBatch, error: KafkaError, isUnresolved: boolean): void {
    batch.fail(this.#o.onLoss(error, isUnresolved));
    this.#release(batch);
  }

  /** Of one topic: what is to go there fails. Of none: all does. */
  #lookUpFailed(error: KafkaError): void {
    const { place } = error;
    if (place?.topic === undefined || error.kafkaCode === null) {
      this.failAll(this.#o.onLoss(error, true));
      return;
    }
    const advice = "The topic cannot be looked up. Check its name and this client's rights.";
    const abortable = this.#mayAbort;
    for (const queue of [...this.accumulator.queues.values()]) {
      if (queue.topic !== place.topic) continue;
      this.#failPending(queue, kafkaErrorOf(error.kafkaCode, advice, place, { abortable }));
    }
  }

  #release(batch: ProduceBatch): void {
    if (this.accumulator.release(batch)) this.drainSoon();
  }

  #wakeAt(atMs: number): void {
    if (atMs >= this.#timerAtMs) return;
    const { clock } = this.#o.wire;
    this.#cancelTimer?.();
    this.#timerAtMs = atMs;
    this.#cancelTimer = clock.after(Math.max(1, atMs - clock.now()), () => {
      this.#cancelTimer = null;
      this.#timerAtMs = Number.POSITIVE_INFINITY;
      this.drain();
    });
  }
}

function asKafkaError(error: unknown): KafkaError {
  if (error instanceof KafkaError) return error;
  return new KafkaError('KAFKA', 'Sending failed by a fault of this client. Report it.', {
    cause: error,
  });
}
