import { KafkaError } from '../../errors.ts';
import type {
  Admin,
  GroupConsumer,
  GroupOptions,
  KafkaConnection,
  PartitionReader,
  Producer,
  ProducerOptions,
  ReaderOptions,
} from '../KafkaClient.ts';
import { openGroup } from './group/openGroup.ts';
import { KafkajsAdmin } from './KafkajsAdmin.ts';
import { KafkajsProducer } from './KafkajsProducer.ts';
import { KafkajsReader } from './KafkajsReader.ts';
import { Codecs } from './records/Codecs.ts';
import type { Wire } from './Wire.ts';

/** What was opened at once: one wire, and whatever was made on it. */
export class KafkajsConnection implements KafkaConnection {
  readonly admin: Admin;
  readonly #wire: Wire;
  readonly #codecs = new Codecs();
  readonly #made = new Set<{ end(): Promise<void> | void }>();
  #lanes = 0;
  #closing: Promise<void> | null = null;

  constructor(wire: Wire) {
    this.#wire = wire;
    this.admin = new KafkajsAdmin(wire);
  }

  reader(options: ReaderOptions): PartitionReader {
    const made = { end: () => reader.close() };
    const reader = this.#reader(options, made);
    return reader;
  }

  group(options: GroupOptions): GroupConsumer {
    const made = { end: () => group.close() };
    const reader = this.#reader(options, made);
    const group = openGroup(this.#wire, options, reader, `join-${this.#lanes++}`);
    return group;
  }

  producer(options: ProducerOptions = {}): Producer {
    this.#mustBeOpen();
    const lane = `write-${this.#lanes++}`;
    const made = { end: () => producer.abandon() };
    const onClose = (): void => {
      this.#made.delete(made);
    };
    const parts = { wire: this.#wire, codecs: this.#codecs, lane, options, onClose };
    const producer = new KafkajsProducer(parts);
    this.#made.add(made);
    return producer;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled([...this.#made].map(async (one) => one.end()));
    await this.#wire.close();
  }

  /** A reader; while it is open, `made` is ended with the connection. */
  #reader(options: ReaderOptions, made: { end(): Promise<void> }): KafkajsReader {
    this.#mustBeOpen();
    this.#made.add(made);
    return new KafkajsReader({
      wire: this.#wire,
      codecs: this.#codecs,
      lane: `read-${this.#lanes++}`,
      options,
      onClose: () => this.#made.delete(made),
    });
  }

  #mustBeOpen(): void {
    if (this.#closing === null) return;
    throw new KafkaError('CLIENT_CLOSED', 'The connection is closed. Open a new one to go on.');
  }
}
