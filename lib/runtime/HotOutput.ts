import type { Observable } from 'rxjs';
import type { AnyRecord } from '../model/record.ts';
import { Observable as RxObservable } from '../rx.ts';

/** Whoever takes records: an input of ours, or RxJS's subscriber. */
export interface RecordObserver {
  /** One of ours that never looks at a value but for whether it is null. */
  readonly ignoresValues?: boolean;
  next(record: AnyRecord): void;
}

/** Which input is being connected: its number is its place among the observers. */
export interface ConnectionOrder {
  /** Infinity: none, so whoever subscribes comes last. */
  rank: number;
}

/**
 * An output of a node in a running task. It is hot: it hands each record to its observers in the
 * order in which their inputs were connected, and an input that subscribes again gets its old place
 * back.
 */
export class HotOutput {
  /** What operators and users' pipes see: an ordinary Observable. */
  readonly records: Observable<AnyRecord>;
  readonly #order: ConnectionOrder;
  #observers: readonly RecordObserver[] = [];
  #ranks: readonly number[] = [];
  #hasReader = false;

  constructor(order: ConnectionOrder) {
    this.#order = order;
    this.records = new RxObservable<AnyRecord>((subscriber) => {
      this.add(subscriber);
      return () => this.remove(subscriber);
    });
  }

  /**
   * False: nobody here looks at a value, or ever did (what is decoded ahead may still reach them).
   * Before anybody is here, as when a table is restored from its topic, nothing is known.
   */
  get readsValues(): boolean {
    return this.#hasReader || this.#observers.length === 0;
  }

  emit(record: AnyRecord): void {
    const observers = this.#observers;
    if (observers.length === 1) {
      (observers[0] as RecordObserver).next(record);
      return;
    }
    for (let i = 0; i < observers.length; i++) (observers[i] as RecordObserver).next(record);
  }

  /**
   * Lists are replaced, never changed: whoever comes while a record is delivered gets the next one.
   */
  add(observer: RecordObserver): void {
    const { rank } = this.#order;
    this.#hasReader ||= observer.ignoresValues !== true;
    let at = this.#ranks.length;
    while (at > 0 && (this.#ranks[at - 1] as number) > rank) at -= 1;
    this.#observers = this.#observers.toSpliced(at, 0, observer);
    this.#ranks = this.#ranks.toSpliced(at, 0, rank);
  }

  remove(observer: RecordObserver): void {
    const at = this.#observers.indexOf(observer);
    if (at < 0) return;
    this.#observers = this.#observers.toSpliced(at, 1);
    this.#ranks = this.#ranks.toSpliced(at, 1);
  }
}
