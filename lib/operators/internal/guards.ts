import { StreamsError } from '../../errors.ts';
import {
  type AnyRecord,
  changeNumber,
  isAsMade,
  numbered,
  origin,
  partitionedKey,
} from '../../model/record.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import type { Turn, Undoable } from '../../topology/Turn.ts';

/**
 * The record is where its key says: a foreign `map` that changed the key is an error that names the
 * remedy.
 */
export function checkKey(node: NodeContext, record: AnyRecord): void {
  if (record.key === record[partitionedKey]) return;
  throw new StreamsError(
    'KEY_CHANGED',
    `${node.label}: the key changed from ${show(record[partitionedKey])} to ${show(record.key)} ` +
      'without a repartition, so records of one key may lie in different partitions. Use ' +
      `repartitionBy('name', ...) or selectKey(...) and repartition('name').`,
    { place: placeOf(node, record) },
  );
}

/**
 * Numbers the changes a table emits, so that whoever is behind it notices when one is lost. The
 * number goes back with the turn.
 */
export class ChangeCounter implements Undoable {
  #next = 1;
  readonly #turn: Turn;
  constructor(turn: Turn) {
    this.#turn = turn;
  }

  number(change: AnyRecord): AnyRecord {
    return numbered(change, this.next());
  }

  /** The number for a change that is yet to be made; 0 where nobody hears of it. */
  next(): number {
    if (this.#turn.isReplay) return 0;
    const number = this.#next;
    this.#turn.remember(this, 0, number);
    this.#next = number + 1;
    return number;
  }

  undo(_slot: number, before: number): void {
    this.#next = before;
  }
}

/** Checks that a table's changes arrive without a gap, and as the table made them. */
export class ChangeGuard implements Undoable {
  /** 0: none seen yet. */
  #last = 0;
  readonly #node: NodeContext;
  readonly #takesCopies: boolean;
  /** `takesCopies`: it looks at key and value alone, so a foreign `map` does no harm. */
  constructor(node: NodeContext, o: { readonly takesCopies?: boolean } = {}) {
    this.#node = node;
    // Outside any topology nobody looks behind the change, into the table's rows.
    this.#takesCopies = o.takesCopies === true || node.task === null;
  }

  check(change: AnyRecord): void {
    const number = change[changeNumber];
    if (number === 0 || number === undefined) return;
    if (number !== this.#last + 1 && !this.#mayBeginAnywhere) {
      throw new StreamsError(
        'CHANGE_LOST',
        `${this.#node.label}: a change of the table was lost on the way here (number ` +
          `${this.#last + 1}, got ${number}): a foreign operator swallowed or reordered it, and ` +
          'rows would never be deleted. Use filterTable instead of filter on a table.',
        { place: placeOf(this.#node, change) },
      );
    }
    if (!this.#takesCopies && !isAsMade(change)) throw this.#replaced(change);
    this.#node.turn.remember(this, 0, this.#last);
    this.#last = number;
  }

  undo(_slot: number, before: number): void {
    this.#last = before;
  }

  /** Outside any topology one may subscribe late; in a task all listen from the first change on. */
  get #mayBeginAnywhere(): boolean {
    return this.#last === 0 && this.#node.task === null;
  }

  #replaced(change: AnyRecord): StreamsError {
    return new StreamsError(
      'CHANGE_LOST',
      `${this.#node.label}: a change of the table was lost on the way here: a foreign operator ` +
        'put another in its place. The row before it, and the rows a join looks up, are not ' +
        'what that operator made. Use mapValues or filterTable, or put toStream() before it.',
      { place: placeOf(this.#node, change) },
    );
  }
}

/** Where a record is from, for errors. */
export function placeOf(
  node: NodeContext,
  record: AnyRecord,
): { task: string | undefined; node: string; topic: string; partition: number; offset: number } {
  const from = record[origin];
  return {
    task: node.task ?? undefined,
    node: node.label,
    topic: from?.topic,
    partition: from?.partition,
    offset: from?.offset,
  };
}

function show(key: unknown): string {
  return typeof key === 'string' ? `'${key}'` : String(JSON.stringify(key));
}
