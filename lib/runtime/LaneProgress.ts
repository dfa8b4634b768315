/** What the lanes of one repartition partition have said: how far each upstream task is. */
export class LaneProgress {
  readonly times: number[];
  readonly atEnd: boolean[];
  /** The lowest of the lanes: what the slowest upstream task has reached. */
  time = -1;
  #ends = 0;

  constructor(upstreams: number) {
    this.times = new Array<number>(upstreams).fill(-1);
    this.atEnd = new Array<boolean>(upstreams).fill(false);
  }

  /** Every upstream task's last word was that it is at its end. */
  get allAtEnd(): boolean {
    return this.#ends === this.atEnd.length;
  }

  record(upstream: number, time: number): void {
    this.say(upstream, time, false);
  }

  say(upstream: number, time: number, atEnd: boolean): void {
    if (upstream < 0 || upstream >= this.times.length) return;
    const before = this.times[upstream] as number;
    if (time > before) {
      this.times[upstream] = time;
      if (before <= this.time) this.time = Math.min(...this.times);
    }
    if (this.atEnd[upstream] === atEnd) return;
    this.atEnd[upstream] = atEnd;
    this.#ends += atEnd ? 1 : -1;
  }
}
