/** Something whose numbers can be set back. */
export interface Undoable {
  undo(slot: number, before: number): void;
}

/** A turn that changed more than this leaves no memory behind. */
const mostKept = 1024;

/**
 * A task's turn: the time in which one record goes through the whole pipeline, synchronously. Our
 * operators work only inside it, so a record that left through a timer or a promise is noticed; and
 * what they changed in it can be undone.
 */
export class Turn {
  /** 0 no turn, 1 running, 2 given up: what is left of the pipeline does nothing. */
  state: 0 | 1 | 2 = 0;
  /** A source topic is read again, as a changelog: nobody listens yet. */
  isReplay = false;
  // Written over by each turn and counted, not emptied: an emptied array allocates itself anew,
  // which was 450 bytes a record.
  readonly #targets: Undoable[] = [];
  readonly #slots: number[] = [];
  readonly #before: number[] = [];
  #count = 0;

  begin(): void {
    this.state = 1;
    this.#count = 0;
  }

  end(): void {
    this.state = 0;
    this.#forget();
  }

  giveUp(): void {
    this.state = 2;
  }

  /** Notes what a number was before it changes. */
  remember(target: Undoable, slot: number, before: number): void {
    const at = this.#count++;
    this.#targets[at] = target;
    this.#slots[at] = slot;
    this.#before[at] = before;
  }

  /** Sets back all that was remembered in this turn, last first. */
  rollback(): void {
    for (let i = this.#count - 1; i >= 0; i--) {
      this.#targets[i]?.undo(this.#slots[i] as number, this.#before[i] as number);
    }
    this.#forget();
  }

  #forget(): void {
    this.#count = 0;
    if (this.#targets.length <= mostKept) return;
    this.#targets.length = 0;
    this.#slots.length = 0;
    this.#before.length = 0;
  }
}
