import type { TopicPartition } from '../../../model/topicPartition.ts';
import type { NodeId } from '../Wire.ts';
import type { ProduceBatch } from './ProduceBatch.ts';

const sequences = 2 ** 31;

/**
 * The batches of one partition, in the order of sending, and their sequences. Brokers take a
 * producer's batches of one partition only in unbroken sequence. So when one must be repeated,
 * nothing further is sent until all that are under way came back; then they go again, first to
 * last.
 */
export class PartitionQueue implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  /** Not under way; those that were sent before are in front and keep their sequence. */
  readonly pending: ProduceBatch[] = [];
  /** Under way, in order. */
  readonly inFlight: ProduceBatch[] = [];
  /** Where those under way were sent. */
  node: NodeId = -1;
  notBeforeMs = 0;
  #returned: ProduceBatch[] = [];
  #nextSequence = 0;
  /** The first sequence that was refused, and where those behind it go on from; -1: none was. */
  #refusedFrom = -1;
  #rewindTo = -1;
  /**
   * The log has taken a batch of this producer. One that has not takes any sequence: of two under
   * way the second would be written though the first is refused, and stand before its parts.
   */
  #isKnown = false;

  constructor(topic: string, partition: number, key: string) {
    this.topic = topic;
    this.partition = partition;
    this.key = key;
  }

  get isEmpty(): boolean {
    return this.pending.length === 0 && this.inFlight.length === 0 && this.#returned.length === 0;
  }

  /** The next batch may be sent to this node, as far as those under way allow. */
  maySend(node: NodeId, mostInFlight: number): boolean {
    if (this.pending.length === 0 || this.#returned.length > 0 || this.#refusedFrom >= 0) {
      return false;
    }
    const { length } = this.inFlight;
    return length === 0 || (this.#isKnown && length < mostInFlight && this.node === node);
  }

  /** Takes the first batch off to send it, giving it its sequence. */
  send(node: NodeId): ProduceBatch {
    const batch = this.pending.shift() as ProduceBatch;
    batch.isClosed = true;
    if (batch.sequence < 0) {
      batch.sequence = this.#nextSequence;
      this.#nextSequence = (this.#nextSequence + batch.recordCount) % sequences;
    }
    this.node = node;
    this.inFlight.push(batch);
    return batch;
  }

  acknowledged(batch: ProduceBatch): void {
    this.#takeOff(batch);
    this.#isKnown = true;
    // A log that has forgotten this producer takes any sequence: it goes on from there.
    if (this.#refusedFrom >= 0 && before(this.#refusedFrom, batch.sequence)) {
      const end = (batch.sequence + batch.recordCount) % sequences;
      if (before(this.#rewindTo, end)) this.#rewindTo = end;
    }
    this.#settle();
  }

  /** To be sent again, in its place. */
  returned(batch: ProduceBatch): void {
    this.#takeOff(batch);
    this.#returned.push(batch);
    this.#settle();
  }

  /** The broker surely did not write it: what follows takes over its sequence. */
  refused(batch: ProduceBatch): void {
    this.#takeOff(batch);
    this.#refuse(batch);
    this.#settle();
  }

  /** The broker surely did not write it: its parts go in its place. */
  split(batch: ProduceBatch, parts: readonly ProduceBatch[]): void {
    this.#takeOff(batch);
    this.#refuse(batch);
    let { sequence } = batch;
    for (const part of parts) {
      // Only their order counts: settling numbers them anew.
      part.sequence = sequence;
      sequence = (sequence + part.recordCount) % sequences;
      this.#returned.push(part);
    }
    this.#settle();
  }

  /** A batch that fails for its sequence does so because one before it is not written yet. */
  isBehindAnother(batch: ProduceBatch): boolean {
    if (this.#refusedFrom >= 0 && before(this.#refusedFrom, batch.sequence)) return true;
    const isEarlier = (other: ProduceBatch): boolean => before(other.sequence, batch.sequence);
    return this.inFlight.some(isEarlier) || this.#returned.some(isEarlier);
  }

  /** Starts counting anew, under a new identity. Nothing may be under way. */
  reset(): void {
    this.#nextSequence = 0;
    this.#isKnown = false;
    this.#refusedFrom = -1;
    this.#rewindTo = -1;
    for (const batch of this.pending) batch.sequence = -1;
  }

  /** Empties it; answers all that it held. */
  clear(): ProduceBatch[] {
    const all = [...this.inFlight, ...this.#returned, ...this.pending];
    this.inFlight.length = 0;
    this.pending.length = 0;
    this.#returned = [];
    return all;
  }

  #refuse({ sequence }: ProduceBatch): void {
    if (this.#refusedFrom >= 0 && !before(sequence, this.#refusedFrom)) return;
    // What was written behind it stays: those to come go on from there.
    if (this.#rewindTo === this.#refusedFrom) this.#rewindTo = sequence;
    this.#refusedFrom = sequence;
  }

  #takeOff(batch: ProduceBatch): void {
    const at = this.inFlight.indexOf(batch);
    if (at >= 0) this.inFlight.splice(at, 1);
  }

  /** When all came back, those to repeat go to the front. */
  #settle(): void {
    if (this.inFlight.length > 0) return;
    this.#returned.sort((a, b) => (before(a.sequence, b.sequence) ? -1 : 1));
    this.pending.unshift(...this.#returned);
    this.#returned = [];
    if (this.#refusedFrom < 0) return;
    for (const batch of this.pending) {
      if (batch.sequence >= 0 && !before(batch.sequence, this.#refusedFrom)) batch.sequence = -1;
    }
    // Those refused in front of a batch that must be repeated first leave its sequence as it is.
    const last = this.pending.filter(({ sequence }) => sequence >= 0).at(-1);
    this.#nextSequence =
      last === undefined ? this.#rewindTo : (last.sequence + last.recordCount) % sequences;
    this.#refusedFrom = -1;
    this.#rewindTo = -1;
  }
}

/** Sequences count round: of two, the later one is less than half the round ahead. */
function before(a: number, b: number): boolean {
  return a !== b && (b - a + sequences) % sequences < sequences / 2;
}
