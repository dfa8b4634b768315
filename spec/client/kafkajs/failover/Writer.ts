import type { KafkaConnection, Producer } from '../../../../lib/client/KafkaClient.ts';
import { Pauses } from './Pauses.ts';

const everyMs = 10;
const perTick = 20;
const mostUnderWay = 2_000;

export function numberBytes(n: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, n);
  return bytes;
}

export function numberOf(bytes: Uint8Array | null): number {
  if (bytes === null) return -1;
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0);
}

/** Counts up in every partition of a topic, without waiting for one answer before the next send. */
export class Writer {
  readonly acked: Pauses = new Pauses();
  /** What was sent, per partition: the next number. */
  readonly sent: number[];
  readonly #topic: string;
  readonly #producer: Producer;
  readonly #calls = new Set<Promise<void>>();
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();
  failure: unknown = null;

  constructor(connection: KafkaConnection, topic: string, partitions: number) {
    this.#topic = topic;
    this.#producer = connection.producer();
    this.sent = new Array<number>(partitions).fill(0);
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when all that was sent is acknowledged. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    await Promise.all(this.#calls);
    await this.#producer.close();
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      if (this.#calls.size < mostUnderWay) this.#tick();
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  #tick(): void {
    const topic = this.#topic;
    const timestamp = Date.now();
    const batches = this.sent.map((from, partition) => {
      const records = Array.from({ length: perTick }, (_, n) => ({
        key: null,
        value: numberBytes(from + n),
        timestamp,
      }));
      this.sent[partition] = from + perTick;
      return { topic, partition, records };
    });
    const call = this.#producer.send(batches).then(
      () => {
        this.acked.came();
        this.#calls.delete(call);
      },
      (error) => {
        this.failure ??= error;
        this.#calls.delete(call);
      },
    );
    this.#calls.add(call);
  }
}
