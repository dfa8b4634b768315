/**
 * How to reach a cluster. `ssl` and `sasl` are kafkajs' own options and are handed to it as they
 * are; their types are repeated here, so that this package's types need neither kafkajs nor Node's.
 */
export interface KafkajsOptions {
  /** Some brokers of the cluster, `host:port` each; the others are learnt from them. */
  readonly brokers: readonly string[];
  /** Names this client in the broker's logs; default `rxkstreams`. */
  readonly clientId?: string;
  /**
   * True for the system's trust; else options of Node's `tls.connect` (`ca`, `cert`, `key`, ...).
   */
  readonly ssl?: boolean | object;
  readonly sasl?: SaslOptions;
  /** How long opening one connection may take, with TLS and authentication; default 5,000. */
  readonly connectionTimeoutMs?: number;
  /** How long an answer may take; default 30,000. */
  readonly requestTimeoutMs?: number;
}

/** Who one is, in the ways that kafkajs knows. */
export type SaslOptions =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | {
      readonly mechanism: 'aws';
      readonly authorizationIdentity: string;
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    }
  | {
      readonly mechanism: 'oauthbearer';
      readonly oauthBearerProvider: () => Promise<{ readonly value: string }>;
    }
  | {
      /** A mechanism of one's own, as kafkajs describes them. */
      readonly mechanism: string;
      readonly authenticationProvider: (args: never) => { authenticate(): Promise<void> };
    };
