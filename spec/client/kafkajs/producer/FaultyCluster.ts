import type { Buffer } from 'node:buffer';
import type { LogRecord } from '../../../../lib/client/KafkaClient.ts';
import { apiKeys } from '../../../../lib/client/kafkajs/protocol/apiKeys.ts';
import { ProtocolReader } from '../../../../lib/client/kafkajs/protocol/Reader.ts';
import { ProtocolWriter } from '../../../../lib/client/kafkajs/protocol/Writer.ts';
import { BatchReader } from '../../../../lib/client/kafkajs/records/BatchReader.ts';
import { at } from '../../../../lib/client/kafkajs/records/batchFormat.ts';
import { Codecs } from '../../../../lib/client/kafkajs/records/Codecs.ts';
import type { ClusterMeta, RequestOptions, Wire } from '../../../../lib/client/kafkajs/Wire.ts';
import { KafkaError } from '../../../../lib/errors.ts';
import type { Clock, Random } from '../../../../lib/model/clock.ts';

export interface Faults {
  /** The connection breaks before a request is worked on, or after, with its answer lost. */
  readonly breakBefore: number;
  readonly breakAfter: number;
  /** The leader refuses for a while, or writes and says that it may not last. */
  readonly refuse: number;
  readonly appendAndComplain: number;
  readonly moveLeader: number;
}

interface Written {
  readonly sequence: number;
  readonly count: number;
  readonly offset: number;
}

interface Log {
  leader: number;
  readonly values: string[];
  /** The last five batches of the one producer, as brokers remember them. */
  readonly recent: Written[];
}

interface Waiting {
  readonly body: Buffer;
  readonly resolve: (reader: ProtocolReader) => void;
  readonly reject: (error: KafkaError) => void;
}

const topic = 't';
/** A record that the topic does not take. */
export const poison = 'poison';

/**
 * Two brokers that check sequences as Kafka's do, on connections that break: requests in order, or
 * lost.
 */
export class FaultyCluster implements Wire {
  readonly clock: Clock;
  readonly random: Random;
  readonly #faults: Faults;
  readonly #codecs = new Codecs();
  readonly logs: readonly Log[];
  readonly #links = new Map<number, Waiting[]>();
  requests = 0;
  mostInFlight = 0;

  constructor(clock: Clock, random: Random, partitions: number, faults: Faults) {
    this.clock = clock;
    this.random = random;
    this.#faults = faults;
    this.logs = Array.from({ length: partitions }, (_, n) => ({
      leader: n % 2,
      values: [],
      recent: [],
    }));
  }

  get cluster(): ClusterMeta {
    const partitions = new Map(
      this.logs.map(({ leader }, partition) => {
        const meta = { partition, leader: this.#told[partition] ?? leader, leaderEpoch: 0 };
        return [partition, { ...meta, replicas: [0, 1], isr: [0, 1] }];
      }),
    );
    const nodes = new Map([0, 1].map((nodeId) => [nodeId, node(nodeId)]));
    return {
      nodes,
      controller: 0,
      topics: new Map([[topic, { topic, isInternal: false, partitions }]]),
    };
  }

  /** Whom clients believe to lead, until they ask again. */
  #told: number[] = [];

  async metadata(): Promise<ClusterMeta> {
    this.#told = this.logs.map(({ leader }) => leader);
    return this.cluster;
  }

  request(
    nodeId: number,
    apiKey: number,
    _version: number,
    writeBody: (writer: ProtocolWriter) => void,
    _options?: RequestOptions,
  ): Promise<ProtocolReader> {
    const writer = new ProtocolWriter();
    if (apiKey === apiKeys.initProducerId) {
      writer.int32(0).int16(0).int64(7).int16(0).noTags();
      return Promise.resolve(new ProtocolReader(writer.bytes()));
    }
    writeBody(writer);
    this.requests++;
    return new Promise((resolve, reject) => {
      const link = this.#links.get(nodeId) ?? [];
      this.#links.set(nodeId, link);
      link.push({ body: writer.bytes(), resolve, reject });
      this.mostInFlight = Math.max(this.mostInFlight, link.length);
      if (link.length === 1) this.#later(nodeId, link);
    });
  }

  #later(nodeId: number, link: Waiting[]): void {
    this.clock.after(1 + this.random() * 5, () => this.#work(nodeId, link));
  }

  #work(nodeId: number, link: Waiting[]): void {
    const first = link[0];
    if (first === undefined || this.#links.get(nodeId) !== link) return;
    const fate = this.random();
    const { breakBefore, breakAfter, moveLeader } = this.#faults;
    if (this.random() < moveLeader) {
      const log = this.logs[Math.floor(this.random() * this.logs.length)] as Log;
      log.leader = 1 - log.leader;
    }
    const answer = fate < breakBefore ? null : this.#produce(nodeId, first.body);
    if (answer === null || fate < breakBefore + breakAfter) {
      // All that is under way on this connection is lost with it.
      this.#links.delete(nodeId);
      for (const { reject } of link) {
        reject(new KafkaError('BROKER_UNREACHABLE', 'broken', { retriable: true }));
      }
      return;
    }
    link.shift();
    first.resolve(new ProtocolReader(answer));
    if (link.length > 0) this.#later(nodeId, link);
  }

  #produce(nodeId: number, body: Buffer): Buffer {
    const reader = new ProtocolReader(body);
    reader.nullableString();
    reader.int16();
    reader.int32();
    const results: { partition: number; errorCode: number; offset: number }[] = [];
    reader.array(() => {
      reader.string();
      reader.array(() => {
        const partition = reader.int32();
        results.push({ partition, ...this.#append(nodeId, partition, reader.byteArray()) });
      });
    });
    const writer = new ProtocolWriter();
    writer.array([topic], (name) => {
      writer.string(name).array(results, ({ partition, errorCode, offset }) => {
        writer.int32(partition).int16(errorCode).int64(offset).int64(-1).int64(0);
        writer.int32(0).nullableString(null);
      });
    });
    return writer.int32(0).bytes();
  }

  #append(
    nodeId: number,
    partition: number,
    bytes: Buffer,
  ): { readonly errorCode: number; readonly offset: number } {
    const log = this.logs[partition] as Log;
    if (log.leader !== nodeId) return { errorCode: 6, offset: -1 };
    if (this.random() < this.#faults.refuse) return { errorCode: 19, offset: -1 };
    const records: LogRecord[] = [];
    new BatchReader(bytes, { codecs: this.#codecs, fromOffset: 0, aborted: null }).readBatch(
      records,
    );
    const values = records.map(({ value }) => new TextDecoder().decode(value ?? undefined));
    if (values.includes(poison)) return { errorCode: 10, offset: -1 };
    const sequence = bytes.readInt32BE(at.baseSequence);
    const known = log.recent.find((batch) => batch.sequence === sequence);
    if (known !== undefined) {
      if (known.count !== records.length) return { errorCode: 45, offset: -1 };
      return { errorCode: 0, offset: known.offset };
    }
    const last = log.recent.at(-1);
    const expected = last === undefined ? 0 : last.sequence + last.count;
    if (sequence !== expected) return { errorCode: 45, offset: -1 };
    const offset = log.values.length;
    log.values.push(...values);
    log.recent.push({ sequence, count: records.length, offset });
    if (log.recent.length > 5) log.recent.shift();
    const isShaky = this.random() < this.#faults.appendAndComplain;
    return isShaky ? { errorCode: 20, offset: -1 } : { errorCode: 0, offset };
  }

  async apiVersion(): Promise<number> {
    return 0;
  }

  async coordinator(): Promise<number> {
    return 0;
  }

  forgetCoordinator(): void {}
  throttle(): void {}
  closeLane(): void {}
  async connect(): Promise<void> {}
  async close(): Promise<void> {}
}

function node(nodeId: number): {
  nodeId: number;
  host: string;
  port: number;
  rack: null;
} {
  return { nodeId, host: 'h', port: 1, rack: null };
}
