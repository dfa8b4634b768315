import { kafkaErrorOf } from '../../../lib/client/kafkajs/kafkaErrors.ts';
import { ProtocolReader } from '../../../lib/client/kafkajs/protocol/Reader.ts';
import { ProtocolWriter } from '../../../lib/client/kafkajs/protocol/Writer.ts';
import type {
  ClusterMeta,
  NodeId,
  PartitionMeta,
  TopicMeta,
  Wire,
} from '../../../lib/client/kafkajs/Wire.ts';
import { KafkaError } from '../../../lib/errors.ts';
import type { Clock } from '../../../lib/model/clock.ts';

/** One request as a script sees it: what is asked, and where the answer is written. */
export interface ScriptedRequest {
  readonly apiKey: number;
  readonly body: ProtocolReader;
  readonly out: ProtocolWriter;
}

/** One broker whose answers a script writes; each takes a millisecond, there and back. */
export class ScriptedWire implements Wire {
  readonly clock: Clock;
  readonly random = () => 0.5;
  /** The topics that exist, with the numbers of their partitions. */
  readonly topics: Map<string, number>;
  /** The topics that may not be looked up, with the errors that tell. */
  readonly refused = new Map<string, number>();
  /** The broker cannot be reached. */
  isAway = false;
  /** What was asked, Metadata left out. */
  readonly asked: number[] = [];
  readonly #script: (request: ScriptedRequest) => void;
  #cluster: ClusterMeta = { controller: 0, topics: new Map(), nodes: new Map([[0, node]]) };

  constructor(
    clock: Clock,
    topics: Readonly<Record<string, number>>,
    script: (request: ScriptedRequest) => void,
  ) {
    this.clock = clock;
    this.topics = new Map(Object.entries(topics));
    this.#script = script;
  }

  get cluster(): ClusterMeta {
    return this.#cluster;
  }

  async metadata(asked: readonly string[] | null): Promise<ClusterMeta> {
    await this.#roundTrip();
    const known = new Map(this.#cluster.topics);
    for (const topic of asked ?? this.topics.keys()) {
      const count = this.refused.has(topic) ? undefined : this.topics.get(topic);
      if (count === undefined) known.delete(topic);
      else known.set(topic, topicMeta(topic, count));
    }
    this.#cluster = { ...this.#cluster, topics: known };
    for (const topic of asked ?? []) {
      const code = this.refused.get(topic);
      if (code !== undefined) throw kafkaErrorOf(code, 'It may not be looked up.', { topic });
    }
    return this.#cluster;
  }

  async request(
    _node: NodeId,
    apiKey: number,
    _version: number,
    writeBody: (writer: ProtocolWriter) => void,
  ): Promise<ProtocolReader> {
    const body = new ProtocolWriter();
    writeBody(body);
    this.asked.push(apiKey);
    await this.#roundTrip();
    const out = new ProtocolWriter();
    this.#script({ apiKey, body: new ProtocolReader(body.bytes()), out });
    return new ProtocolReader(out.bytes());
  }

  async #roundTrip(): Promise<void> {
    await new Promise<void>((resolve) => this.clock.after(1, resolve));
    if (this.isAway) throw new KafkaError('BROKER_UNREACHABLE', 'It is away.', { retriable: true });
  }

  async apiVersion(): Promise<number> {
    return 0;
  }

  async coordinator(): Promise<NodeId> {
    return 0;
  }

  forgetCoordinator(): void {}
  throttle(): void {}
  closeLane(): void {}
  async connect(): Promise<void> {}
  async close(): Promise<void> {}
}

const node = { nodeId: 0, host: 'h', port: 1, rack: null };

function topicMeta(topic: string, count: number): TopicMeta {
  const partitions = new Map<number, PartitionMeta>();
  for (let partition = 0; partition < count; partition++) {
    partitions.set(partition, { partition, leader: 0, leaderEpoch: 0, replicas: [0], isr: [0] });
  }
  return { topic, isInternal: false, partitions };
}
