import type { Buffer } from 'node:buffer';
import type { KafkaConfig } from 'kafkajs';
import { KafkaError } from '../../errors.ts';
import type { Clock } from '../../model/clock.ts';
import type { KafkajsOptions } from './KafkajsOptions.ts';
import {
  type KafkajsConnection,
  type KafkajsHandle,
  type KafkajsModule,
  openHandle,
} from './kafkajsInternals.ts';
import { Sockets } from './sockets.ts';

/** Enough of kafkajs' ISocketFactory to hand our sockets over. */
type SocketFactory = Given<'socketFactory'>;

/** An option of kafkajs, given. */
type Given<K extends keyof KafkaConfig> = Exclude<KafkaConfig[K], undefined>;

export interface LinkOptions {
  readonly module: KafkajsModule;
  readonly options: KafkajsOptions;
  readonly clientId: string;
  readonly clock: Clock;
  readonly host: string;
  readonly port: number;
}

/** The versions of one request that a broker speaks. */
export interface VersionRange {
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** One connection to one broker: kafkajs' socket, authenticated, and nothing else of it. */
export class KafkajsLink {
  readonly address: string;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly ended: Promise<void>;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #sockets: Sockets;
  readonly #handle: KafkajsHandle;
  #connection: KafkajsConnection | null = null;
  #versions: Readonly<Record<string, VersionRange>> = {};
  #failure: Error | null = null;
  #isOpen = true;
  #resolveEnded: () => void = () => {};

  constructor(o: LinkOptions) {
    this.#timeoutMs = o.options.connectionTimeoutMs ?? 5_000;
    this.address = `${o.host}:${o.port}`;
    this.#clock = o.clock;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#sockets = new Sockets(o.host, o.port, (error) => this.#end(error));
    this.#handle = openHandle(o.module, kafkajsConfig(o, this.#sockets));
  }

  /** Connects and authenticates, within `connectionTimeoutMs`. */
  async open(): Promise<void> {
    const timeoutMs = this.#timeoutMs;
    const cancel = this.#clock.after(timeoutMs, () =>
      this.#sockets.destroy(new Error(`no connection within ${timeoutMs} ms`)),
    );
    try {
      const broker = await this.#handle.connect();
      this.#versions = broker.versions ?? {};
      this.#connection = await broker.connectionPool.getConnection(0);
      stopIdleTimer(this.#connection);
    } catch (error) {
      const failure = this.#connectError(error);
      await this.close(failure);
      throw failure;
    } finally {
      cancel();
    }
  }

  get isOpen(): boolean {
    return this.#isOpen && this.#connection?.isConnected() === true;
  }

  versions(apiKey: number): VersionRange | undefined {
    return this.#versions[apiKey];
  }

  /** Sends one request; the answer is its body, without the correlation id. */
  async send(apiKey: number, version: number, body: Buffer, timeoutMs: number): Promise<Buffer> {
    const connection = this.#connection;
    if (connection === null || !this.isOpen) throw this.#unreachable('the connection is closed');
    let isLate = false;
    const cancel = this.#clock.after(timeoutMs, () => {
      isLate = true;
      this.#sockets.destroy(new Error(`no answer within ${timeoutMs} ms`));
    });
    try {
      return await connection.send(rawProtocol(apiKey, version, body));
    } catch (error) {
      if (error instanceof KafkaError) throw error;
      if (isLate) throw lateError(this.address, apiKey, timeoutMs);
      throw this.#connectError(error);
    } finally {
      cancel();
    }
  }

  /** Ends it now; what is under way rejects with `reason`. Resolves when no socket is left. */
  async close(reason: KafkaError): Promise<void> {
    this.#isOpen = false;
    this.#failure ??= reason;
    this.#sockets.destroy(reason);
    await this.#sockets.closed();
    await this.#handle.disconnect().catch(() => {});
    this.#resolveEnded();
  }

  #end(error: Error | null): void {
    this.#failure ??= error;
    this.#isOpen = false;
    this.#resolveEnded();
  }

  #connectError(error: unknown): KafkaError {
    if (this.#failure instanceof KafkaError) return this.#failure;
    if (error instanceof KafkaError) return error;
    const cause = this.#failure ?? error;
    if (isAboutTrust(error) || isAboutTrust(cause)) {
      return new KafkaError(
        'AUTHENTICATION_FAILED',
        `Broker ${this.address} and this client do not trust each other: ${messageOf(cause)}. ` +
          'Check the options `sasl` (mechanism, user name, password) and `ssl` (ca, cert, key).',
        { cause },
      );
    }
    return this.#unreachable(messageOf(cause), cause);
  }

  #unreachable(why: string, cause?: unknown): KafkaError {
    return new KafkaError(
      'BROKER_UNREACHABLE',
      `Broker ${this.address} cannot be reached: ${why}. Check that it runs, that its address is ` +
        'right, and that it expects the TLS and SASL that the options name.',
      { retriable: true, ...(cause === undefined ? {} : { cause }) },
    );
  }
}

function kafkajsConfig(o: LinkOptions, sockets: Sockets): KafkaConfig {
  const { ssl, sasl, connectionTimeoutMs = 5_000 } = o.options;
  return {
    clientId: o.clientId,
    brokers: [`${o.host}:${o.port}`],
    connectionTimeout: connectionTimeoutMs,
    authenticationTimeout: connectionTimeoutMs,
    // Our own clock keeps the time limits; kafkajs would poll for them ten times a second.
    enforceRequestTimeout: false,
    retry: { retries: 0 },
    logLevel: 0,
    socketFactory: ((args) => sockets.open(args)) as SocketFactory,
    ...(ssl === undefined ? {} : { ssl: ssl as Given<'ssl'> }),
    // kafkajs keeps its authenticator on this object, so each connection gets one of its own.
    ...(sasl === undefined ? {} : { sasl: { ...sasl } as Given<'sasl'> }),
  };
}

/**
 * From its first answer on, a kafkajs connection runs a timer every millisecond to look for
 * requests that a throttle holds back. Ours are held back before they come to it: it has none.
 */
function stopIdleTimer(connection: KafkajsConnection): void {
  const queue = connection.requestQueue;
  if (queue === undefined || !('scheduleCheckPendingRequests' in queue)) return;
  queue.scheduleCheckPendingRequests = () => {};
  queue.throttledUntil = -1;
}

function rawProtocol(
  apiKey: number,
  version: number,
  body: Buffer,
): Parameters<KafkajsConnection['send']>[0] {
  const encoded = { buf: body, buffer: body, size: () => body.length };
  return {
    request: {
      apiKey,
      apiVersion: version,
      apiName: 'raw',
      encode: async () => encoded,
    },
    response: { decode: async (payload) => payload, parse: async (decoded) => decoded },
    logResponseError: false,
  };
}

function lateError(address: string, apiKey: number, timeoutMs: number): KafkaError {
  return new KafkaError(
    'REQUEST_TIMEOUT',
    `Broker ${address} did not answer request ${apiKey} within ${timeoutMs} ms. Check its load ` +
      'and the network, or raise `requestTimeoutMs`.',
    { retriable: true },
  );
}

/** What kafkajs calls the ways in which a broker refuses who asks. */
const refusals: ReadonlySet<string | undefined> = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
]);

/**
 * kafkajs wraps errors in errors: whichever of them speaks of credentials or certificates decides.
 */
function isAboutTrust(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    const { name, type, code, cause } = at as Error & { type?: string; code?: string };
    if (name === 'KafkaJSSASLAuthenticationError' || refusals.has(type)) return true;
    if (code !== undefined && /CERT|UNABLE_TO_VERIFY|ERR_TLS/.test(code)) return true;
    at = cause ?? (at as { originalError?: unknown }).originalError;
  }
  return false;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // An address with several IPs fails with an AggregateError whose own message is empty.
  const { code } = error as { code?: string };
  return error.message || code || error.name;
}
