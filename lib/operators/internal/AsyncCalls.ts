import { StreamsError } from '../../errors.ts';
import type { ErrorPolicy } from '../../model/ErrorPolicy.ts';
import { type AnyRecord, type Origin, origin, withValue } from '../../model/record.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import type { Undoable } from '../../topology/Turn.ts';
import type { AsyncCall, AsyncOptions } from '../mapValuesAsync.ts';
import { placeOf } from './guards.ts';

export type AsyncProject = (value: unknown, key: unknown, call: AsyncCall) => Promise<unknown>;

/** A record on its way: it waits, is called for, and waits for those before it. */
interface Call {
  readonly record: AnyRecord;
  readonly idempotencyKey: string;
  /** Lets the task commit again. */
  readonly release: () => void;
  attempt: number;
  outcome: { readonly value: unknown } | { readonly error: unknown } | null;
}

/**
 * The calls of one `mapValuesAsync` in one task. A record is taken up when its turn is through
 * (until then it can be undone), and comes out in a turn of its own. The task holds its commit as
 * long as one is on its way, and takes no more records when there are too many.
 */
export class AsyncCalls implements Undoable {
  readonly #node: NodeContext;
  readonly #project: AsyncProject;
  readonly #o: AsyncOptions;
  /** Those that may be called for, in order. */
  readonly #ready: Call[] = [];
  /** By key: the one under way, then those that wait for it. Only in the order by key. */
  readonly #chains = new Map<unknown, Call[]>();
  /** In order of arrival, until they come out. Only in the order by partition. */
  readonly #arrived: Call[] = [];
  readonly #aborts = new Set<AbortController>();
  #started = 0;
  #isAsked = false;
  #isClosed = false;
  #lastOrigin: Origin | null = null;
  #sameOrigin = 0;

  constructor(node: NodeContext, project: AsyncProject, o: AsyncOptions) {
    this.#node = node;
    this.#project = project;
    this.#o = o;
  }

  take(record: AnyRecord): void {
    const call: Call = {
      record,
      idempotencyKey: this.#idempotencyKey(record[origin]),
      release: this.#node.hold(),
      attempt: 0,
      outcome: null,
    };
    this.#node.turn.remember(this, 0, 0);
    if (this.#o.order === 'partition') this.#arrived.push(call);
    const chain = this.#chainOf(call);
    if (chain === null || chain.push(call) === 1) this.#ready.push(call);
    this.#taken.push(call);
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#node.inTurn(() => {
      this.#isAsked = false;
      this.#taken.length = 0;
      this.#pump();
    });
  }

  /** Taken in turns that may still be undone. */
  readonly #taken: Call[] = [];

  /** The record's turn is undone: it was never here. */
  undo(): void {
    const call = this.#taken.pop();
    if (call === undefined) return;
    if (this.#o.order === 'partition') this.#arrived.pop();
    if (this.#ready.at(-1) === call) this.#ready.pop();
    const chain = this.#chainOf(call);
    chain?.pop();
    if (chain?.length === 0) this.#chains.delete(identityOf(call.record.key));
    call.release();
  }

  close(): void {
    this.#isClosed = true;
    for (const abort of this.#aborts) abort.abort();
    this.#aborts.clear();
  }

  #pump(): void {
    while (this.#started < this.#o.concurrency && !this.#isClosed) {
      const call = this.#ready.shift();
      if (call === undefined) return;
      this.#started += 1;
      this.#attempt(call);
    }
  }

  #attempt(call: Call): void {
    const abort = new AbortController();
    const { signal } = abort;
    this.#aborts.add(abort);
    call.attempt += 1;
    let isOver = false;
    const over = (outcome: NonNullable<Call['outcome']>): void => {
      if (isOver) return;
      isOver = true;
      disarm();
      this.#aborts.delete(abort);
      if (!this.#isClosed) this.#settled(call, outcome);
    };
    const disarm = this.#node.after(this.#o.timeoutMs, () => {
      abort.abort();
      over({ error: this.#timeout(call) });
    });
    const { record, attempt, idempotencyKey } = call;
    let result: Promise<unknown>;
    try {
      result = Promise.resolve(
        this.#project(record.value, record.key, { signal, attempt, idempotencyKey }),
      );
    } catch (error) {
      result = Promise.reject(error);
    }
    result.then(
      (value) => over({ value }),
      (error: unknown) => over({ error }),
    );
  }

  #settled(call: Call, outcome: NonNullable<Call['outcome']>): void {
    const { retry } = this.#o;
    if ('error' in outcome && retry !== undefined && call.attempt <= retry.times) {
      const delayMs = retry.backoffMs * 2 ** (call.attempt - 1);
      this.#node.after(delayMs, () => {
        if (!this.#isClosed) this.#attempt(call);
      });
      return;
    }
    call.outcome = outcome;
    this.#follow(call);
    if (this.#o.order === 'partition') {
      while (this.#arrived[0] !== undefined && this.#arrived[0].outcome !== null) {
        this.#comeOut(this.#arrived.shift() as Call);
      }
    } else this.#comeOut(call);
    this.#pump();
  }

  /** The next of the key may be called for. */
  #follow(call: Call): void {
    const chain = this.#chainOf(call);
    if (chain === null) return;
    chain.shift();
    const [next] = chain;
    if (next === undefined) this.#chains.delete(identityOf(call.record.key));
    else this.#ready.push(next);
  }

  #comeOut(call: Call): void {
    this.#started -= 1;
    const { record } = call;
    const outcome = call.outcome as NonNullable<Call['outcome']>;
    this.#node.inTurn(() => {
      try {
        if ('value' in outcome) this.#node.emit(withValue(record, outcome.value));
        else this.#node.fail(record, outcome.error, this.#policy);
      } finally {
        call.release();
      }
    });
  }

  get #policy(): ErrorPolicy | null {
    return this.#o.onError ?? null;
  }

  #chainOf(call: Call): Call[] | null {
    if (this.#o.order !== 'key') return null;
    const key = identityOf(call.record.key);
    let chain = this.#chains.get(key);
    if (chain === undefined) {
      chain = [];
      this.#chains.set(key, chain);
    }
    return chain;
  }

  /** The same for the same record in every run; of several made of one record, each has its own. */
  #idempotencyKey(from: Origin): string {
    this.#sameOrigin = from === this.#lastOrigin ? this.#sameOrigin + 1 : 0;
    this.#lastOrigin = from;
    const place = `${from.topic}-${from.partition}-${from.offset}`;
    return this.#sameOrigin === 0 ? place : `${place}-${this.#sameOrigin}`;
  }

  #timeout({ record, attempt }: Call): StreamsError {
    const { timeoutMs } = this.#o;
    return new StreamsError(
      'ASYNC_TIMEOUT',
      `${this.#node.label}: attempt ${attempt} took longer than ${timeoutMs} ms and was ` +
        'aborted. Raise timeoutMs, or look at what is called.',
      { place: placeOf(this.#node, record) },
    );
  }
}

function identityOf(key: unknown): unknown {
  return typeof key === 'object' && key !== null ? JSON.stringify(key) : key;
}
