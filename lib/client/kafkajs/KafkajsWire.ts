import { KafkaError } from '../../errors.ts';
import type { Clock, Random } from '../../model/clock.ts';
import { KafkajsLink } from './KafkajsLink.ts';
import type { KafkajsOptions } from './KafkajsOptions.ts';
import { kafkaErrorKind, kafkaErrorOf } from './kafkaErrors.ts';
import { type KafkajsModule, loadKafkajs } from './kafkajsInternals.ts';
import { apiKeys } from './protocol/apiKeys.ts';
import { ProtocolReader } from './protocol/Reader.ts';
import { ProtocolWriter } from './protocol/Writer.ts';
import {
  decodeFindCoordinator,
  encodeFindCoordinator,
  findCoordinatorVersion,
} from './requests/findCoordinator.ts';
import {
  decodeMetadata,
  encodeMetadata,
  type MetadataResponse,
  metadataVersion,
} from './requests/metadata.ts';
import type {
  ClusterMeta,
  CoordinatorKind,
  NodeId,
  NodeMeta,
  RequestOptions,
  TopicMeta,
  Wire,
} from './Wire.ts';

export interface WireOptions {
  readonly options: KafkajsOptions;
  readonly clientId: string;
  readonly clock: Clock;
  readonly random: Random;
}

const defaultLane = 'main';
const firstPauseMs = 50;
const longestPauseMs = 1_000;

/** How a node behaved lately. */
interface NodeHealth {
  failures: number;
  notBeforeMs: number;
}

/** The wire on kafkajs' sockets: one link per node and lane, made when first needed. */
export class KafkajsWire implements Wire {
  readonly clock: Clock;
  readonly random: Random;
  readonly #o: WireOptions;
  readonly #bootstrap: readonly NodeMeta[];
  readonly #links = new Map<string, Promise<KafkajsLink>>();
  readonly #health = new Map<NodeId, NodeHealth>();
  /**
   * By link: a broker throttles one connection. Others to it, as that of the heartbeats, go on.
   */
  readonly #throttledUntilMs = new Map<string, number>();
  readonly #coordinators = new Map<string, NodeId>();
  readonly #alive = new Set<KafkajsLink>();
  /** What ends each wait, and the lane it is for. */
  readonly #pauses = new Map<() => void, string>();
  #module: KafkajsModule | null = null;
  #cluster: ClusterMeta = { nodes: new Map(), controller: -1, topics: new Map() };
  #isClosed = false;

  constructor(o: WireOptions) {
    this.#o = o;
    this.clock = o.clock;
    this.random = o.random;
    const { brokers } = o.options ?? {};
    if (!Array.isArray(brokers) || brokers.length === 0) {
      throw new KafkaError(
        'INVALID_OPTION',
        "The option `brokers` names none: give a list, as in kafkajs({ brokers: ['localhost:9092'] }).",
      );
    }
    this.#bootstrap = brokers.map(parseAddress);
  }

  get cluster(): ClusterMeta {
    return this.#cluster;
  }

  async connect(): Promise<void> {
    this.#module = await loadKafkajs();
    await this.metadata([], true);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const end of this.#pauses.keys()) end();
    await Promise.all([...this.#alive].map((link) => link.close(closedError())));
  }

  async metadata(topics: readonly string[] | null, refresh = false): Promise<ClusterMeta> {
    const known = this.#cluster.topics;
    const asked = topics === null || refresh ? topics : topics.filter((topic) => !known.has(topic));
    if (asked !== null && asked.length === 0 && !refresh) return this.#cluster;
    const reader = await this.#anyNode(apiKeys.metadata, metadataVersion, (writer) =>
      encodeMetadata(writer, asked),
    );
    this.#learn(decodeMetadata(reader), asked);
    return this.#cluster;
  }

  async coordinator(kind: CoordinatorKind, key: string): Promise<NodeId> {
    const known = this.#coordinators.get(`${kind}/${key}`);
    if (known !== undefined) return known;
    const reader = await this.#anyNode(apiKeys.findCoordinator, findCoordinatorVersion, (writer) =>
      encodeFindCoordinator(writer, kind, key),
    );
    const { errorCode, node } = decodeFindCoordinator(reader);
    if (errorCode !== 0) {
      throw kafkaErrorOf(errorCode, `No coordinator is known for the ${kind} ${key}. Try again.`);
    }
    if (!this.#cluster.nodes.has(node.nodeId)) {
      const nodes = new Map(this.#cluster.nodes).set(node.nodeId, node);
      this.#cluster = { ...this.#cluster, nodes };
    }
    this.#coordinators.set(`${kind}/${key}`, node.nodeId);
    return node.nodeId;
  }

  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.#coordinators.delete(`${kind}/${key}`);
  }

  async apiVersion(node: NodeId, apiKey: number, min: number, max: number): Promise<number> {
    const link = await this.#link(node, defaultLane);
    const range = link.versions(apiKey);
    const version = Math.min(max, range?.maxVersion ?? -1);
    if (range === undefined || version < Math.max(min, range.minVersion)) {
      throw notSpoken(link.address, apiKey, min, max);
    }
    return version;
  }

  async request(
    node: NodeId,
    apiKey: number,
    version: number,
    writeBody: (writer: ProtocolWriter) => void,
    options: RequestOptions = {},
  ): Promise<ProtocolReader> {
    const lane = options.lane ?? defaultLane;
    const heldMs = (this.#throttledUntilMs.get(linkKey(node, lane)) ?? 0) - this.clock.now();
    if (heldMs > 0) await this.#pause(heldMs, lane);
    const link = await this.#link(node, lane);
    const range = link.versions(apiKey);
    if (range === undefined || version < range.minVersion || version > range.maxVersion) {
      throw notSpoken(link.address, apiKey, version, version);
    }
    const isFlexible = options.flexible === true;
    const writer = new ProtocolWriter(options.sizeBytes ?? 256);
    if (isFlexible) writer.noTags();
    writeBody(writer);
    const timeoutMs = options.timeoutMs ?? this.#o.options.requestTimeoutMs ?? 30_000;
    const reader = new ProtocolReader(await link.send(apiKey, version, writer.bytes(), timeoutMs));
    if (isFlexible) reader.skipTags();
    if (options.throttleFirst !== false) this.throttle(node, lane, reader.peekInt32());
    return reader;
  }

  throttle(node: NodeId, lane: string, durationMs: number): void {
    if (durationMs <= 0) return;
    const key = linkKey(node, lane);
    const untilMs = this.clock.now() + durationMs;
    this.#throttledUntilMs.set(key, Math.max(this.#throttledUntilMs.get(key) ?? 0, untilMs));
  }

  closeLane(lane: string): void {
    // What a throttle holds back would open the lane anew.
    for (const [end, of] of this.#pauses) if (of === lane) end();
    const isOfLane = (key: string): boolean => key.endsWith(`/${lane}`);
    for (const key of [...this.#throttledUntilMs.keys()].filter(isOfLane)) {
      this.#throttledUntilMs.delete(key);
    }
    void this.#closeLinks([...this.#links.keys()].filter(isOfLane), closedError());
  }

  /** Asks a node that is connected, else any that can be, else the first addresses again. */
  async #anyNode(
    apiKey: number,
    version: number,
    writeBody: (writer: ProtocolWriter) => void,
  ): Promise<ProtocolReader> {
    const known = [...this.#cluster.nodes.values()];
    const connected = known.filter((node) => this.#links.has(linkKey(node.nodeId, defaultLane)));
    const candidates = [
      ...this.#shuffled(connected),
      ...this.#shuffled(known.filter((node) => !connected.includes(node))),
      ...this.#shuffled(this.#bootstrap),
    ];
    let last: KafkaError | null = null;
    for (const candidate of candidates) {
      try {
        return await this.request(candidate.nodeId, apiKey, version, writeBody);
      } catch (error) {
        if (!(error instanceof KafkaError) || !error.retriable) throw error;
        last = error;
      }
    }
    throw new KafkaError(
      'BROKER_UNREACHABLE',
      `None of the brokers ${this.#o.options.brokers.join(', ')} can be reached. Check that ` +
        `they run and that the option \`brokers\` names them rightly. The last one: ${last?.message ?? ''}`,
      { retriable: true, cause: last },
    );
  }

  #learn(answer: MetadataResponse, asked: readonly string[] | null): void {
    const topics = new Map(asked === null ? [] : this.#cluster.topics);
    for (const topic of asked ?? []) topics.delete(topic);
    let failure: KafkaError | null = null;
    for (const { errorCode, topic, isInternal, partitions } of answer.topics) {
      if (errorCode === 0) {
        const byNumber = new Map(partitions.map((partition) => [partition.partition, partition]));
        topics.set(topic, { topic, isInternal, partitions: byNumber } satisfies TopicMeta);
      } else if (!kafkaErrorKind(errorCode).retriable) {
        failure = kafkaErrorOf(
          errorCode,
          'The topic cannot be looked up. Check its name and rights.',
          {
            topic,
          },
        );
      }
    }
    const nodes = new Map(answer.nodes.map((node) => [node.nodeId, node]));
    this.#dropMovedNodes(nodes);
    this.#cluster = { nodes, controller: answer.controller, topics };
    if (failure !== null) throw failure;
  }

  /**
   * Connections to a node that is gone or has another address now are of no use: what is under way
   * on them shall be asked elsewhere.
   */
  #dropMovedNodes(nodes: ReadonlyMap<NodeId, NodeMeta>): void {
    for (const [nodeId, before] of this.#cluster.nodes) {
      const now = nodes.get(nodeId);
      if (now !== undefined && now.host === before.host && now.port === before.port) continue;
      const keys = [...this.#links.keys()].filter((key) => key.startsWith(`${nodeId}/`));
      void this.#closeLinks(keys, movedError(before));
    }
    // The first connection was made before the node's number was known: it is that node's from now
    // on.
    for (const { nodeId, host, port } of this.#bootstrap) {
      const link = this.#links.get(linkKey(nodeId, defaultLane));
      if (link === undefined || this.#cluster.nodes.size > 0) continue;
      this.#links.delete(linkKey(nodeId, defaultLane));
      const found = [...nodes.values()].find((node) => node.host === host && node.port === port);
      const key = found && linkKey(found.nodeId, defaultLane);
      if (key !== undefined && !this.#links.has(key)) this.#adopt(key, link);
      else void link.then((opened) => opened.close(closedError())).catch(() => {});
    }
  }

  #link(node: NodeId, lane: string): Promise<KafkajsLink> {
    if (this.#isClosed) return Promise.reject(closedError());
    const key = linkKey(node, lane);
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const link = this.#open(node, lane);
    this.#adopt(key, link);
    return link;
  }

  /** Keeps a link under its name for as long as it lives. */
  #adopt(key: string, link: Promise<KafkajsLink>): void {
    this.#links.set(key, link);
    const forget = (): void => {
      if (this.#links.get(key) === link) this.#links.delete(key);
    };
    link.then((opened) => opened.ended).then(forget, forget);
  }

  async #open(nodeId: NodeId, lane: string): Promise<KafkajsLink> {
    const node =
      this.#cluster.nodes.get(nodeId) ?? this.#bootstrap.find((first) => first.nodeId === nodeId);
    const module = this.#module;
    if (module === null) throw closedError();
    if (node === undefined) {
      throw new KafkaError(
        'BROKER_UNREACHABLE',
        `Broker number ${nodeId} is not in the cluster's list of brokers. Refresh the metadata.`,
        { retriable: true },
      );
    }
    const health = this.#healthOf(nodeId);
    const waitMs = health.notBeforeMs - this.clock.now();
    if (waitMs > 0) await this.#pause(waitMs, lane);
    if (this.#isClosed) throw closedError();
    const { options, clientId, clock } = this.#o;
    const { host, port } = node;
    const link = new KafkajsLink({ module, options, clientId, clock, host, port });
    this.#alive.add(link);
    void link.ended.then(() => this.#alive.delete(link));
    try {
      await link.open();
      health.failures = 0;
      return link;
    } catch (error) {
      const pauseMs = Math.min(firstPauseMs * 2 ** health.failures++, longestPauseMs);
      health.notBeforeMs = this.clock.now() + pauseMs * (0.8 + 0.4 * this.random());
      throw error;
    }
  }

  #healthOf(node: NodeId): NodeHealth {
    let health = this.#health.get(node);
    if (health === undefined) {
      health = { failures: 0, notBeforeMs: 0 };
      this.#health.set(node, health);
    }
    return health;
  }

  /** What is under way on them rejects with `reason`. */
  async #closeLinks(keys: readonly string[], reason: KafkaError): Promise<void> {
    const closing = keys.map(async (key) => {
      const link = this.#links.get(key);
      this.#links.delete(key);
      const opened = await link?.catch(() => null);
      await opened?.close(reason);
    });
    await Promise.all(closing);
  }

  /** Waits, unless the wire or the lane is closed. */
  #pause(durationMs: number, lane: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(durationMs, () => {
        this.#pauses.delete(end);
        resolve();
      });
      const end = (): void => {
        cancel();
        this.#pauses.delete(end);
        reject(closedError());
      };
      this.#pauses.set(end, lane);
    });
  }

  #shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, rank: this.random() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ item }) => item);
  }
}

function linkKey(node: NodeId, lane: string): string {
  return `${node}/${lane}`;
}

/** First addresses have no number yet: they count down from -2 (-1 means none in Kafka). */
function parseAddress(address: string, index: number): NodeMeta {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port > 0 && port < 65536)) {
    throw new KafkaError(
      'INVALID_OPTION',
      `The option \`brokers\` names ${JSON.stringify(address)}: write \`host:port\`.`,
    );
  }
  return { nodeId: -2 - index, host, port, rack: null };
}

function movedError({ nodeId, host, port }: NodeMeta): KafkaError {
  return new KafkaError(
    'BROKER_UNREACHABLE',
    `Broker ${nodeId} at ${host}:${port} has left the cluster's list of brokers. Others take its place.`,
    { retriable: true },
  );
}

function closedError(): KafkaError {
  return new KafkaError('CLIENT_CLOSED', 'The connection is closed. Open a new one to go on.');
}

function notSpoken(address: string, apiKey: number, min: number, max: number): KafkaError {
  return new KafkaError(
    'NOT_SUPPORTED',
    `Broker ${address} does not speak request ${apiKey} in a version from ${min} to ${max}. ` +
      'Brokers from Kafka 2.7 on do.',
  );
}
