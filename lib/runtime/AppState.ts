import type { Observable } from 'rxjs';
import { StreamsError } from '../errors.ts';
import { BehaviorSubject } from '../rx.ts';

/**
 * The life of an app:
 *
 *     created -> rebalancing <-> running -> closing -> closed
 *
 * and `error` from wherever it works.
 */
export type AppState = 'created' | 'rebalancing' | 'running' | 'closing' | 'closed' | 'error';

const legal: Readonly<Record<AppState, readonly AppState[]>> = {
  created: ['rebalancing', 'closing', 'closed', 'error'],
  rebalancing: ['running', 'closing', 'error'],
  running: ['rebalancing', 'closing', 'error'],
  closing: ['closed', 'error'],
  closed: [],
  error: ['closing', 'closed'],
};

/** Where an app is in its life: only the moves of one table are possible. */
export class AppLife {
  readonly #state = new BehaviorSubject<AppState>('created');

  /** The state now, then each that follows; completes when it is closed. */
  readonly state$: Observable<AppState> = this.#state.asObservable();

  /**
   * Resolves when the app is closed, rejects with what ended it before. Nobody need wait for it.
   */
  readonly ended: Promise<void>;
  #resolve: () => void = () => {};
  #reject: (error: StreamsError) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.ended.catch(() => undefined);
  }

  get state(): AppState {
    return this.#state.value;
  }

  fail(error: StreamsError): void {
    this.#reject(error);
    this.to('error');
  }

  /** False: it is there already. */
  to(next: AppState): boolean {
    const { state } = this;
    if (state === next) return false;
    if (!legal[state].includes(next)) {
      throw new StreamsError(
        'ILLEGAL_TRANSITION',
        `An app that is ${state} cannot become ${next}: make a new KafkaStreams to start again.`,
      );
    }
    this.#state.next(next);
    if (next === 'closed') {
      this.#resolve();
      this.#state.complete();
    }
    return true;
  }

  can(next: AppState): boolean {
    return legal[this.state].includes(next);
  }
}

/** Whoever waits for what was never begun would wait for ever. */
export function notStarted(state: AppState): StreamsError {
  return new StreamsError(
    'ILLEGAL_TRANSITION',
    `idle() waits for an app that runs, this one is ${state}: call start() first.`,
  );
}
