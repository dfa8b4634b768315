/**
 * A key and the window it was aggregated in; `end` is exclusive, but of a session it is the last
 * record's time.
 */
export interface Windowed<K> {
  readonly key: K;
  readonly start: number;
  readonly end: number;
}

/**
 * The windowed key our aggregations make. It knows when its window closes, where no comparison of
 * keys sees it: `suppress` needs that, also behind operators that are not ours.
 */
export class WindowedKey<K> implements Windowed<K> {
  readonly key: K;
  readonly start: number;
  readonly end: number;
  readonly #closesAt: number;

  constructor(key: K, start: number, end: number, closesAt: number) {
    this.key = key;
    this.start = start;
    this.end = end;
    this.#closesAt = closesAt;
  }

  /**
   * Stream time at which nothing can change this window any more; null for a key that no
   * aggregation made.
   */
  static closesAt(windowed: unknown): number | null {
    return typeof windowed === 'object' && windowed !== null && #closesAt in windowed
      ? windowed.#closesAt
      : null;
  }
}
