/**
 * How values become bytes and come back. Null never reaches a serde: a null key or value has no
 * bytes.
 */
export interface Serde<T> {
  /** Names the format in lock files, so that a change of format is noticed before a deploy. */
  readonly name?: string;
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => T;
  /**
   * The bytes that choose the partition, where they are not all (windowed keys: the inner key's).
   */
  readonly partitionBytes?: (value: T) => Uint8Array;
}

/** A serde whose type is of no concern. */
export interface AnySerde {
  readonly name?: string;
  readonly encode: (value: never) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly partitionBytes?: (value: never) => Uint8Array;
}
