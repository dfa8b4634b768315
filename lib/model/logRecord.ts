/** Headers are a list: names may repeat, values may be null. */
export type Headers = readonly (readonly [name: string, value: Uint8Array | null])[];

/**
 * A record as it lies in a log. Key and value may be views of a larger buffer: copy what you keep.
 */
export interface LogRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
}
