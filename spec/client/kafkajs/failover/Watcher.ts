import type { KafkaConnection, PartitionReader } from '../../../../lib/client/KafkaClient.ts';
import { Pauses } from './Pauses.ts';
import { numberOf } from './Writer.ts';

/** Reads a topic the writer counts up in, and holds every record against the one before. */
export class Watcher {
  readonly came: Pauses = new Pauses();
  /** Per partition: the number that must come next. */
  readonly next: number[];
  readonly wrong: string[] = [];
  readonly #topic: string;
  readonly #reader: PartitionReader;
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(connection: KafkaConnection, topic: string, partitions: number) {
    this.#topic = topic;
    this.#reader = connection.reader({ isolation: 'read-committed' });
    this.next = new Array<number>(partitions).fill(0);
    this.#reader.assign(this.next.map((offset, partition) => ({ topic, partition, offset })));
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#reader.wakeup();
    await this.#running;
    await this.#reader.close();
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      try {
        for (const part of await this.#reader.poll(500)) this.#look(part);
      } catch (error) {
        this.wrong.push(`poll failed: ${error}`);
        return;
      }
    }
  }

  #look({ partition, records, nextOffset }: Awaited<ReturnType<PartitionReader['poll']>>[0]): void {
    for (const { offset, value } of records) {
      const expected = this.next[partition] as number;
      const number = numberOf(value);
      this.next[partition] = number + 1;
      // The topic has no markers: the n-th record lies at offset n.
      if (number === expected && offset === expected) continue;
      this.wrong.push(`${partition}@${offset}: ${number} instead of ${expected}`);
    }
    if (records.length > 0) this.came.came();
    const position = this.#reader.position({ topic: this.#topic, partition });
    if (nextOffset !== position || position !== this.next[partition]) {
      this.wrong.push(`${partition}: stands at ${position}, came to ${this.next[partition]}`);
    }
  }
}
