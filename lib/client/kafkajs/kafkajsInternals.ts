import type { Buffer } from 'node:buffer';
import type { KafkaConfig } from 'kafkajs';
import { KafkaError } from '../../errors.ts';

/**
 * What we use of kafkajs that its own types do not tell. `partitionAssigners` is its public hook:
 * it hands over the cluster, whose seed broker is one connected, authenticated connection whose
 * versions are known. kafkajs' code is unchanged since 2023; `findInternals` makes sure of that at
 * the start.
 */
export interface KafkajsBroker {
  readonly versions: Readonly<
    Record<string, { readonly minVersion: number; readonly maxVersion: number }>
  > | null;
  readonly connectionPool: {
    send(protocol: RawProtocol): Promise<Buffer>;
    getConnection(index: number): Promise<KafkajsConnection>;
  };
}

export interface KafkajsConnection {
  send(protocol: RawProtocol): Promise<Buffer>;
  isConnected(): boolean;
  readonly requestQueue?: {
    scheduleCheckPendingRequests?: () => void;
    throttledUntil?: number;
  };
}

/** A request whose body and answer are bytes. */
export interface RawProtocol {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer; size(): number }>;
  };
  readonly response: {
    decode(payload: Buffer): Promise<Buffer>;
    parse(decoded: Buffer): Promise<Buffer>;
  };
  readonly logResponseError?: boolean;
}

interface KafkajsCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  readonly brokerPool?: { readonly seedBroker?: KafkajsBroker };
}

/** kafkajs' classes that we call. */
export interface KafkajsModule {
  readonly Kafka: new (
    config: KafkaConfig,
  ) => {
    consumer(o: {
      groupId: string;
      allowAutoTopicCreation: boolean;
      retry: { retries: number };
      partitionAssigners: readonly ((a: { cluster: KafkajsCluster }) => unknown)[];
    }): { disconnect(): Promise<void> };
  };
}

/** One kafkajs cluster object, reduced to one broker. */
export interface KafkajsHandle {
  connect(): Promise<KafkajsBroker>;
  disconnect(): Promise<void>;
}

const remedy = 'Install kafkajs 2.2.x: npm install kafkajs@~2.2.4';

/** Loads kafkajs, which is an optional peer. */
export async function loadKafkajs(): Promise<KafkajsModule> {
  try {
    const loaded = (await import('kafkajs')) as unknown as KafkajsModule & {
      readonly default?: KafkajsModule;
    };
    const module = loaded.default ?? loaded;
    if (typeof module.Kafka !== 'function') throw new TypeError('it has no class Kafka');
    return module;
  } catch (cause) {
    throw new KafkaError('NOT_SUPPORTED', `kafkajs cannot be loaded. ${remedy}`, { cause });
  }
}

/** Gets hold of the cluster object through the public hook. */
export function openHandle(module: KafkajsModule, config: KafkaConfig): KafkajsHandle {
  let held: KafkajsCluster | null = null;
  const consumer = new module.Kafka(config).consumer({
    groupId: 'wire',
    allowAutoTopicCreation: false,
    retry: { retries: 0 },
    partitionAssigners: [
      ({ cluster }) => {
        held = cluster;
        return { name: 'wire', version: 0 };
      },
    ],
  });
  return {
    async connect() {
      const cluster = held as KafkajsCluster | null;
      if (typeof cluster?.connect !== 'function') throw missing('partitionAssigners');
      await cluster.connect();
      return checkBroker(cluster.brokerPool?.seedBroker);
    },
    disconnect: () => consumer.disconnect(),
  };
}

function checkBroker(broker: KafkajsBroker | undefined): KafkajsBroker {
  if (typeof broker?.versions !== 'object') throw missing('brokerPool.seedBroker');
  if (typeof broker.connectionPool?.send !== 'function') throw missing('connectionPool.send');
  if (typeof broker.connectionPool.getConnection !== 'function') {
    throw missing('connectionPool.getConnection');
  }
  return broker;
}

function missing(what: string): KafkaError {
  return new KafkaError(
    'NOT_SUPPORTED',
    `This kafkajs has no ${what}, by which its connections are used. ${remedy}`,
  );
}
