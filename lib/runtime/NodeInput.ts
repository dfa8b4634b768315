import type { Observable, Subscription } from 'rxjs';
import { StreamsError } from '../errors.ts';
import { type AnyRecord, origin } from '../model/record.ts';
import type { Turn } from '../topology/Turn.ts';
import type { ConnectionOrder, HotOutput, RecordObserver } from './HotOutput.ts';

/** Where failures go: the task, which knows whose turn it is. */
export interface FailureSink {
  readonly id: string;
  /** Something threw in a turn: the turn is given up. */
  turnFailed(error: unknown, node: string, record: AnyRecord | null): void;
  /** An operator that is not ours ended this input with an error. */
  foreignFailed(input: NodeInput, cause: unknown): void;
  /** Nothing a handler could decide: the task cannot go on. */
  crash(error: StreamsError): void;
}

/**
 * One input of one node: the door between users' operators and ours. Records come in only inside
 * the task's turn; what ours throw goes to the task and never into an error channel.
 */
export class NodeInput implements RecordObserver {
  readonly node: string;
  readonly ignoresValues: boolean;
  readonly #source: Observable<unknown>;
  /**
   * Set when nothing stands between this input and an output of ours: then records come without
   * RxJS.
   */
  readonly #direct: HotOutput | null;
  readonly #take: (record: AnyRecord) => void;
  readonly #turn: Turn;
  readonly #sink: FailureSink;
  readonly #order: ConnectionOrder;
  readonly #rank: number;
  #subscription: Subscription | null = null;
  #isClosed = false;

  constructor(o: {
    readonly node: string;
    readonly ignoresValues: boolean;
    readonly source: Observable<unknown>;
    readonly direct: HotOutput | null;
    readonly take: (record: AnyRecord) => void;
    readonly turn: Turn;
    readonly sink: FailureSink;
    readonly order: ConnectionOrder;
    readonly rank: number;
  }) {
    this.node = o.node;
    this.ignoresValues = o.ignoresValues;
    this.#source = o.source;
    this.#direct = o.direct;
    this.#take = o.take;
    this.#turn = o.turn;
    this.#sink = o.sink;
    this.#order = o.order;
    this.#rank = o.rank;
  }

  /**
   * Also after a foreign operator failed: the same Observable is subscribed again, in its old
   * place.
   */
  connect(): void {
    this.#order.rank = this.#rank;
    try {
      if (this.#direct !== null) this.#direct.add(this);
      else this.#subscribe();
    } finally {
      this.#order.rank = Number.POSITIVE_INFINITY;
    }
  }

  disconnect(): void {
    this.#isClosed = true;
    this.#direct?.remove(this);
    this.#subscription?.unsubscribe();
  }

  next(record: AnyRecord): void {
    const { state } = this.#turn;
    if (state === 1) {
      try {
        this.#take(record);
      } catch (error) {
        this.#sink.turnFailed(error, this.node, record);
      }
    } else if (state === 0 && !this.#isClosed) this.#sink.crash(this.#outOfTurn(record));
  }

  #subscribe(): void {
    this.#subscription = this.#source.subscribe({
      next: (record) => this.next(record as AnyRecord),
      error: (error: unknown) => {
        if (!this.#isClosed) this.#sink.foreignFailed(this, error);
      },
      complete: () => {
        if (!this.#isClosed) this.#sink.crash(this.#completed());
      },
    });
  }

  #outOfTurn(record: AnyRecord): StreamsError {
    const from = record?.[origin];
    return new StreamsError(
      'OUT_OF_TURN',
      `${this.node}: a record came outside its task's turn: an operator before it lets records through later (delay, debounceTime, a promise in mergeMap), so they could be lost with a crash. Use mapValuesAsync for async work, and give RxJS's time operators the scheduler streamTime().`,
      {
        place: {
          task: this.#sink.id,
          topic: from?.topic,
          partition: from?.partition,
          offset: from?.offset,
        },
      },
    );
  }

  #completed(): StreamsError {
    return new StreamsError(
      'PIPELINE_COMPLETED',
      `The pipeline before ${this.node} completed, so no record would ever come through again: a topology runs for ever. Take take(), first() and takeWhile() out of it.`,
      { place: { task: this.#sink.id, node: this.node } },
    );
  }
}
