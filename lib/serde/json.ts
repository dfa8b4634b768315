import { StreamsError } from '../errors.ts';
import type { Serde } from './Serde.ts';
import { encodeUtf8 } from './utf8.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** JSON as UTF-8. The default for values. `T` is trusted, not checked. */
export function json<T>(): Serde<T> {
  return jsons as Serde<T>;
}

const jsons: Serde<unknown> = {
  name: 'json',
  encode(value) {
    // Of a number its text is its JSON, for a fifth of the time.
    const isNumber = typeof value === 'number' && Number.isFinite(value);
    const text = isNumber ? String(value) : JSON.stringify(value);
    if (text === undefined) {
      throw new StreamsError(
        'KEY_TYPE',
        `JSON has no ${typeof value}: emit null to delete, or map the value to something JSON can hold.`,
      );
    }
    if (text === '{}' && value instanceof Promise) {
      throw new StreamsError(
        'KEY_TYPE',
        'JSON has no promise, it would be written as {}: await it in mapValuesAsync, which holds the commit.',
      );
    }
    return encodeUtf8(text);
  },
  decode: (bytes) => JSON.parse(decoder.decode(bytes)),
};
