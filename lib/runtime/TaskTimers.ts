import type { EventTime } from '../topology/EventTime.ts';
import type { ScheduleOptions } from '../topology/NodeContext.ts';
import { Punctuations } from '../topology/Punctuations.ts';
import type { Turn } from '../topology/Turn.ts';

/** A task's punctuations, on stream time and on wall-clock time. They are called in turns. */
export class TaskTimers {
  readonly stream: Punctuations = new Punctuations();
  readonly wall: Punctuations = new Punctuations();
  /** What RxJS has scheduled on stream time; null: nothing ever will be. */
  eventTime: EventTime | null = null;
  readonly #turn: Turn;
  readonly #failed: (error: unknown, node: string) => void;

  constructor(turn: Turn, failed: (error: unknown, node: string) => void) {
    this.#turn = turn;
    this.#failed = failed;
  }

  /** Runs what RxJS has scheduled before this time; `included`: at this time too. */
  runEventTime(time: number, included: boolean): void {
    if (this.eventTime === null || this.#turn.state !== 1) return;
    try {
      if (included) this.eventTime.runTo(time);
      else this.eventTime.moveTo(time);
    } catch (error) {
      this.#failed(error, 'streamTime');
    }
  }

  /** It is this stream time now: calls what is due. */
  runStream(now: number): void {
    if (this.stream.due <= now) this.stream.run(now);
  }

  add(
    node: string,
    o: ScheduleOptions,
    nowMs: number,
    punctuate: (timestamp: number) => void,
  ): () => void {
    const { intervalMs, anchorMs } = o;
    const guarded = (timestamp: number): void => {
      // One before it gave the turn up.
      if (this.#turn.state !== 1) return;
      try {
        punctuate(timestamp);
      } catch (error) {
        this.#failed(error, node);
      }
    };
    if (o.time === 'stream') return this.stream.add(0, intervalMs, guarded);
    const due =
      anchorMs === undefined
        ? nowMs + intervalMs
        : anchorMs + Math.max(0, Math.floor((nowMs - anchorMs) / intervalMs) + 1) * intervalMs;
    return this.wall.add(due, intervalMs, guarded);
  }
}
