import net from 'node:net';
import tls from 'node:tls';

const keepAliveMs = 60_000;

export interface SocketArgs {
  readonly ssl: tls.ConnectionOptions | boolean | undefined;
  readonly onConnect: () => void;
}

/**
 * The sockets of one connection. kafkajs closes a socket only politely, after all answers have
 * come; holding the sockets ourselves, we can end them at once and know that none is left.
 */
export class Sockets {
  readonly #host: string;
  readonly #port: number;
  readonly #onEnd: (error: Error | null) => void;
  readonly #open = new Set<net.Socket>();
  #idle: (() => void)[] = [];
  #refused: Error | null = null;

  constructor(host: string, port: number, onEnd: (error: Error | null) => void) {
    this.#host = host;
    this.#port = port;
    this.#onEnd = onEnd;
  }

  open({ ssl, onConnect }: SocketArgs): net.Socket {
    if (this.#refused !== null) throw this.#refused;
    const at = { host: this.#host, port: this.#port };
    const socket = ssl
      ? tls.connect(
          {
            ...at,
            ...(net.isIP(at.host) === 0 ? { servername: at.host } : {}),
            ...(ssl === true ? {} : ssl),
          },
          onConnect,
        )
      : net.connect(at, onConnect);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    this.#open.add(socket);
    let failure: Error | null = null;
    socket.once('error', (error) => {
      failure = error;
    });
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#onEnd(failure);
      if (this.#open.size > 0) return;
      for (const resolve of this.#idle) resolve();
      this.#idle = [];
    });
    return socket;
  }

  /** Ends all at once, for good: what waits for an answer on them rejects with this error. */
  destroy(error: Error): void {
    this.#refused ??= error;
    for (const socket of this.#open) socket.destroy(error);
  }

  /** Resolves when no socket is left. */
  closed(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }
}
