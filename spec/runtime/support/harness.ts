import { type MemoryKafka, memoryKafka } from '../../../lib/client/memory/MemoryKafka.ts';
import type { StreamsError } from '../../../lib/errors.ts';
import { KafkaStreams, type KafkaStreamsOptions } from '../../../lib/runtime/KafkaStreams.ts';
import { topic } from '../../../lib/serde/handles.ts';
import { string } from '../../../lib/serde/string.ts';
import { VirtualClock } from '../../../lib/testing/VirtualClock.ts';
import { type Topology, topology } from '../../../lib/topology/Topology.ts';

export const input = topic('in', string());
export const other = topic('other', string());
export const output = topic('out', string());

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** An app on a memory cluster in virtual time, with what it told. */
export class Bench {
  readonly clock: VirtualClock = new VirtualClock();
  readonly kafka: MemoryKafka;
  readonly errors: StreamsError[] = [];
  readonly logged: string[] = [];

  constructor(topics: Readonly<Record<string, number>> = { in: 1, out: 1 }) {
    this.kafka = memoryKafka({ clock: this.clock, topics });
  }

  app(factory: Topology | (() => void), o: Partial<KafkaStreamsOptions> = {}): KafkaStreams {
    const app = new KafkaStreams(typeof factory === 'function' ? topology(factory) : factory, {
      applicationId: 'app',
      client: this.kafka,
      clock: this.clock,
      log: (line) => this.logged.push(line),
      ...o,
    });
    app.errors$.subscribe((error) => this.errors.push(error));
    return app;
  }

  async started(
    factory: Topology | (() => void),
    o: Partial<KafkaStreamsOptions> = {},
  ): Promise<KafkaStreams> {
    const app = this.app(factory, o);
    await this.run(app.start());
    return app;
  }

  /** Lets the promise come to its end in virtual time. */
  async run<T>(promise: Promise<T>, ms = 0): Promise<T> {
    let outcome: { value: T } | { error: unknown } | undefined;
    promise.then(
      (value) => {
        outcome = { value };
      },
      (error: unknown) => {
        outcome = { error };
      },
    );
    await this.clock.advance(ms);
    for (let i = 0; outcome === undefined && i < 300; i++) await this.clock.advance(100);
    if (outcome === undefined) throw new Error('it never ended');
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  /** `a1 b2`: keys and values, at the times they are given or one ms apart. */
  send(topicName: string, text: string, o: { at?: number; partition?: number } = {}): void {
    let at = o.at ?? 0;
    for (const word of text.split(' ')) {
      const [body = '', time] = word.split('@');
      const value = body.slice(1);
      this.kafka.append(topicName, o.partition ?? 0, {
        key: encoder.encode(body[0]),
        value: value === '~' ? null : encoder.encode(value),
        timestamp: time === undefined ? at++ : Number(time),
      });
    }
  }

  /** What lies in a topic, as `send` writes it. */
  read(topicName: string, o: { partition?: number; committed?: boolean } = {}): string {
    return this.kafka
      .records(
        topicName,
        o.partition ?? 0,
        o.committed === true ? 'read-committed' : 'read-uncommitted',
      )
      .map(
        ({ key, value }) =>
          `${decoder.decode(key ?? undefined)}${value === null ? '~' : decoder.decode(value)}`,
      )
      .join(' ');
  }

  /** All that can happen within so many ms. */
  settle(ms = 1000): Promise<void> {
    return this.clock.advance(ms);
  }
}
