import type { KafkaConfig } from 'kafkajs';

/**
 * How to reach a cluster. `ssl` and `sasl` are kafkajs' own options and are handed to it as they are.
 */
export interface KafkajsOptions {
  /** Some brokers of the cluster, `host:port` each; the others are learnt from them. */
  readonly brokers: readonly string[];
  /** Names this client in the broker's logs; default `rxkstreams`. */
  readonly clientId?: string;
  readonly ssl?: Exclude<KafkaConfig['ssl'], undefined>;
  readonly sasl?: Exclude<KafkaConfig['sasl'], undefined>;
  /** How long opening one connection may take, with TLS and authentication; default 5,000. */
  readonly connectionTimeoutMs?: number;
  /** How long an answer may take; default 30,000. */
  readonly requestTimeoutMs?: number;
}
