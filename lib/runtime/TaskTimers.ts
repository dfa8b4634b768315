import type { ScheduleOptions } from '../topology/NodeContext.ts';
import { Punctuations } from '../topology/Punctuations.ts';

/** A task's punctuations, on stream time and on wall-clock time. */
export class TaskTimers {
  readonly stream: Punctuations = new Punctuations();
  readonly wall: Punctuations = new Punctuations();

  add(o: ScheduleOptions, nowMs: number, punctuate: (timestamp: number) => void): () => void {
    const { intervalMs, anchorMs } = o;
    if (o.time === 'stream') return this.stream.add(0, intervalMs, punctuate);
    const due =
      anchorMs === undefined
        ? nowMs + intervalMs
        : anchorMs + Math.max(0, Math.floor((nowMs - anchorMs) / intervalMs) + 1) * intervalMs;
    return this.wall.add(due, intervalMs, punctuate);
  }
}
