import type { PartitionBuffer } from './PartitionBuffer.ts';

/**
 * A task's stream time: the highest timestamp it has taken up; behind a repartition that of the
 * slowest upstream task.
 */
export class TaskTime {
  /** -1: nothing taken up yet. */
  now = -1;

  /** What is committed of the inputs is where time goes on. */
  resume(buffers: readonly PartitionBuffer[]): void {
    for (const buffer of buffers) if (buffer.input.firstLane === 0) this.advance(buffer.time);
    this.follow(buffers);
  }

  advance(time: number): void {
    if (time > this.now) this.now = time;
  }

  /** The lanes have moved. */
  follow(buffers: readonly PartitionBuffer[]): void {
    for (const { lanes } of buffers) if (lanes !== null) this.advance(lanes.time);
  }
}
