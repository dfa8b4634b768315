import { type Clock, systemClock } from '../../model/clock.ts';
import { clientClosed, responseLost, unreachable } from './answers.ts';

/** The calls a client makes to the cluster. */
export type MemoryApi =
  | 'connect'
  | 'admin'
  | 'produce'
  | 'fetch'
  | 'join-group'
  | 'sync-group'
  | 'heartbeat'
  | 'leave-group'
  | 'offset-commit'
  | 'offset-fetch'
  | 'init-producer'
  | 'add-offsets'
  | 'end-transaction';

/** One call on its way: who calls what, on which topic, group or transactional id. */
export interface MemoryCall {
  readonly clientId: string;
  readonly api: MemoryApi;
  readonly target: string;
}

/**
 * What becomes of a call: it passes; it fails before it did anything; it is done and its answer
 * lost; or it is late (and then meets the second verdict).
 */
export type Verdict =
  | 'pass'
  | 'fail'
  | 'lose-response'
  | { readonly delayMs: number; readonly then?: Exclude<Verdict, object> };

/** Decides over each call: where a simulator puts its faults in. */
export type Interceptor = (call: MemoryCall) => Verdict | Promise<Verdict>;

/** What of the cluster decides over calls. */
export interface Network {
  unreachable: boolean;
  intercept: Interceptor | null;
}

/** The calls after which one lets the event loop have a turn. */
const callsBetweenTurns = 64;

/**
 * A client's line to the cluster. Every call goes through it, so that a test can cut it. In quiet
 * times a call is made at once, in the order of calling.
 */
export class Link {
  readonly clientId: string;
  readonly clock: Clock;
  readonly #network: Network;
  readonly #onEnd: Set<() => void> = new Set();
  #calls = 0;
  #state: 'open' | 'closed' | 'killed' = 'open';

  constructor(network: Network, clientId: string, clock: Clock) {
    this.#network = network;
    this.clientId = clientId;
    this.clock = clock;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** True while no fault can meet a call. */
  get isQuiet(): boolean {
    return this.#network.intercept === null && !this.#network.unreachable;
  }

  /** Runs `work` when the line is cut or closed; the answer takes it back. */
  onEnd(work: () => void): () => void {
    this.#onEnd.add(work);
    return () => this.#onEnd.delete(work);
  }

  close(): void {
    this.#end('closed');
  }

  /** As when the process dies: no call is answered any more, nobody says goodbye. */
  kill(): void {
    this.#end('killed');
  }

  call<T>(api: MemoryApi, target: string, work: () => T | Promise<T>): Promise<T> {
    if (this.#state === 'killed') return never();
    if (this.#state === 'closed') return Promise.reject(clientClosed(api));
    if (!this.isQuiet) return this.#callUnderFaults(api, target, work);
    let result: T | Promise<T>;
    try {
      result = work();
    } catch (error) {
      return Promise.reject(error);
    }
    if (result instanceof Promise) return this.#guard(result);
    this.#calls = (this.#calls + 1) % callsBetweenTurns;
    if (this.#calls > 0) return Promise.resolve(result);
    // A caller that never waits for I/O would starve timers. This is the host's turn, not a time of
    // the cluster.
    return this.#guard(systemClock.breathe().then(() => result));
  }

  async #callUnderFaults<T>(
    api: MemoryApi,
    target: string,
    work: () => T | Promise<T>,
  ): Promise<T> {
    const what = `${api} ${target}`;
    if (this.#network.unreachable) {
      await systemClock.breathe();
      if (this.#state === 'killed') return never();
      throw unreachable(what);
    }
    let verdict =
      (await this.#network.intercept?.({ clientId: this.clientId, api, target })) ?? 'pass';
    if (typeof verdict === 'object') {
      await this.sleep(verdict.delayMs);
      verdict = verdict.then ?? 'pass';
    }
    if (this.#state === 'killed') return never();
    if (this.#state === 'closed') throw clientClosed(api);
    // A read whose answer is lost has not moved the reader.
    if (verdict === 'fail' || (verdict === 'lose-response' && api === 'fetch'))
      throw unreachable(what);
    const result = await this.#guard(Promise.resolve(work()));
    if (verdict === 'lose-response') throw responseLost(what);
    return result;
  }

  /** Waits on the clock; for ever once killed. */
  sleep(delayMs: number): Promise<void> {
    return this.#guard(new Promise((resolve) => this.clock.after(delayMs, resolve)));
  }

  #guard<T>(promise: Promise<T>): Promise<T> {
    const unlessKilled = <R>(settle: () => R): R | Promise<never> => {
      return this.#state === 'killed' ? never() : settle();
    };
    return promise.then(
      (value) => unlessKilled(() => value),
      (error: unknown) =>
        unlessKilled(() => {
          throw error;
        }),
    );
  }

  #end(state: 'closed' | 'killed'): void {
    if (this.#state !== 'open') return;
    this.#state = state;
    for (const work of this.#onEnd) work();
    this.#onEnd.clear();
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
