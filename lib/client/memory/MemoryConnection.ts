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
import { clientClosed } from './answers.ts';
import type { Link } from './Link.ts';
import { type AdminHome, MemoryAdmin } from './MemoryAdmin.ts';
import { type GroupHome, MemoryGroupConsumer } from './MemoryGroupConsumer.ts';
import { MemoryProducer, type ProducerHome } from './MemoryProducer.ts';
import { MemoryReader } from './MemoryReader.ts';

/** One client's connection to the cluster in memory. */
export class MemoryConnection implements KafkaConnection {
  readonly admin: Admin;
  readonly #link: Link;
  readonly #home: AdminHome & GroupHome & ProducerHome;
  readonly #made: Set<{ close(): Promise<void> }> = new Set();

  constructor(link: Link, home: AdminHome & GroupHome & ProducerHome) {
    this.#link = link;
    this.#home = home;
    this.admin = new MemoryAdmin(link, home);
  }

  reader(o: ReaderOptions): PartitionReader {
    const link = this.#open();
    return this.#keep((onClose) => new MemoryReader(link, this.#home.find, o, onClose));
  }

  group(o: GroupOptions): GroupConsumer {
    const link = this.#open();
    return this.#keep((onClose) => new MemoryGroupConsumer(link, this.#home, o, onClose));
  }

  producer(o: ProducerOptions = {}): Producer {
    const link = this.#open();
    return this.#keep((onClose) => new MemoryProducer(link, this.#home, o, onClose));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#made].map((made) => made.close()));
    this.#made.clear();
    this.#link.close();
  }

  /**
   * Test hook: as when the process dies. No call is answered any more, a group misses the member
   * after its session timeout, an open transaction stays open until it is fenced or times out.
   */
  kill(): void {
    this.#link.kill();
  }

  #open(): Link {
    if (!this.#link.isOpen) throw clientClosed('connection');
    return this.#link;
  }

  /** What is closed is let go of; the rest is closed with the connection. */
  #keep<T extends { close(): Promise<void> }>(make: (onClose: () => void) => T): T {
    const made: T = make(() => this.#made.delete(made));
    this.#made.add(made);
    return made;
  }
}
