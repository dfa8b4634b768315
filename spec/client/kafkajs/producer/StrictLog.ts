import type { Buffer } from 'node:buffer';
import type { LogRecord } from '../../../../lib/client/KafkaClient.ts';
import { BatchReader } from '../../../../lib/client/kafkajs/records/BatchReader.ts';
import { at } from '../../../../lib/client/kafkajs/records/batchFormat.ts';
import { Codecs } from '../../../../lib/client/kafkajs/records/Codecs.ts';
import type { Appended } from '../answers.ts';

interface Written {
  readonly sequence: number;
  readonly count: number;
  readonly offset: number;
}

const messageTooLarge = 10;
const outOfOrder = 45;
const codecs = new Codecs();

/**
 * One partition's log that takes batches up to a size, and checks a producer's sequences as Kafka's
 * do: what it does not know may begin anywhere, and goes on without a gap from there.
 */
export class StrictLog {
  readonly values: string[] = [];
  /** The sizes of the batches it took. */
  readonly sizes: number[] = [];
  readonly #mostBytes: number;
  /** The last five batches, as brokers remember them. */
  readonly #recent: Written[] = [];

  constructor(mostBytes = Number.POSITIVE_INFINITY) {
    this.#mostBytes = mostBytes;
  }

  append(batch: Buffer): Appended {
    if (batch.length > this.#mostBytes) return refused(messageTooLarge);
    const sequence = batch.readInt32BE(at.baseSequence);
    const count = batch.readInt32BE(at.recordsCount);
    const known = this.#recent.find((one) => one.sequence === sequence && one.count === count);
    if (known !== undefined) return { errorCode: 0, offset: known.offset };
    const last = this.#recent.at(-1);
    if (last !== undefined && sequence !== last.sequence + last.count) return refused(outOfOrder);
    const offset = this.values.length;
    const records: LogRecord[] = [];
    new BatchReader(batch, { codecs, fromOffset: 0, aborted: null }).readBatch(records);
    for (const { value } of records) this.values.push(new TextDecoder().decode(value ?? undefined));
    this.sizes.push(batch.length);
    this.#recent.push({ sequence, count, offset });
    if (this.#recent.length > 5) this.#recent.shift();
    return { errorCode: 0, offset };
  }

  /** As where nothing of the producer is left in the log. */
  forget(): void {
    this.#recent.length = 0;
  }
}

function refused(errorCode: number): Appended {
  return { errorCode, offset: -1 };
}
