import type { Clock, Random } from '../../model/clock.ts';
import type { ProtocolReader } from './protocol/Reader.ts';
import type { ProtocolWriter } from './protocol/Writer.ts';

/** A broker's number in its cluster. */
export type NodeId = number;

export interface NodeMeta {
  readonly nodeId: NodeId;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export interface PartitionMeta {
  readonly partition: number;
  /** -1: there is none at the moment. */
  readonly leader: NodeId;
  readonly leaderEpoch: number;
  readonly replicas: readonly NodeId[];
  readonly isr: readonly NodeId[];
}

export interface TopicMeta {
  readonly topic: string;
  readonly isInternal: boolean;
  /** By partition number. */
  readonly partitions: ReadonlyMap<number, PartitionMeta>;
}

/** What is known of the cluster; replaced, never changed, when more is learnt. */
export interface ClusterMeta {
  readonly nodes: ReadonlyMap<NodeId, NodeMeta>;
  readonly controller: NodeId;
  /** Topics asked for so far that exist. */
  readonly topics: ReadonlyMap<string, TopicMeta>;
}

export interface RequestOptions {
  /**
   * The version has compact types and tagged fields: the wire writes and reads the headers' tags.
   */
  readonly flexible?: boolean;
  /** Default 30,000. A request that has no answer by then takes its connection down with it. */
  readonly timeoutMs?: number;
  /**
   * A connection of its own to the node, by any name: for requests that the broker holds back.
   * Brokers answer one connection's requests in order, so a long poll keeps all behind it waiting.
   */
  readonly lane?: string;
  /** The answer's body begins with `throttle_time_ms`, which the wire then obeys. Default true. */
  readonly throttleFirst?: boolean;
  /** About how large the request is, where that is known: spares copies. */
  readonly sizeBytes?: number;
}

/**
 * Requests and answers to the nodes of one cluster: connections, versions, who leads, who
 * coordinates. Knows the meaning of no request but Metadata and FindCoordinator.
 *
 * Failures: `BROKER_UNREACHABLE` and `REQUEST_TIMEOUT` (both retriable), `AUTHENTICATION_FAILED`,
 * `NOT_SUPPORTED` (no common version), `PROTOCOL_CORRUPT`, `CLIENT_CLOSED`.
 */
export interface Wire {
  readonly clock: Clock;
  readonly random: Random;
  connect(): Promise<void>;
  /** Leaves no socket and no timer; what is under way rejects with `CLIENT_CLOSED`. */
  close(): Promise<void>;
  /** What is known now, without asking. */
  readonly cluster: ClusterMeta;
  /**
   * Asks about topics that are not known yet, or about all named when `refresh`. Topics that do not
   * exist are not in the answer. `null` asks about all topics.
   */
  metadata(topics: readonly string[] | null, refresh?: boolean): Promise<ClusterMeta>;
  /** Who coordinates a group or a transactional id. Remembered until `forgetCoordinator`. */
  coordinator(kind: CoordinatorKind, key: string): Promise<NodeId>;
  forgetCoordinator(kind: CoordinatorKind, key: string): void;
  /** The highest version both sides speak, between `min` and `max`. */
  apiVersion(node: NodeId, apiKey: number, min: number, max: number): Promise<number>;
  /**
   * Connects when it must. Rejects when the node or its connection fails; never repeats by itself.
   */
  request(
    node: NodeId,
    apiKey: number,
    version: number,
    writeBody: (writer: ProtocolWriter) => void,
    options?: RequestOptions,
  ): Promise<ProtocolReader>;
  /** Holds back what goes to a node by this lane for a while, as its answer there demanded. */
  throttle(node: NodeId, lane: string, durationMs: number): void;
  /** Closes a lane's connections on all nodes; what is under way or held back on it rejects. */
  closeLane(lane: string): void;
}

export type CoordinatorKind = 'group' | 'transaction';
