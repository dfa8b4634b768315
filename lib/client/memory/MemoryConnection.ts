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
    return this.#keep(new MemoryReader(this.#open(), this.#home.find, o));
  }

  group(o: GroupOptions): GroupConsumer {
    return this.#keep(new MemoryGroupConsumer(this.#open(), this.#home, o));
  }

  producer(o: ProducerOptions = {}): Producer {
    return this.#keep(new MemoryProducer(this.#open(), this.#home, o));
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

  #keep<T extends { close(): Promise<void> }>(made: T): T {
    this.#made.add(made);
    return made;
  }
}
