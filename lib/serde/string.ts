import { StreamsError } from '../errors.ts';
import type { Serde } from './Serde.ts';
import { encodeUtf8 } from './utf8.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Text as UTF-8, as Kafka's own string serializer writes it. The default for keys. Anything but a
 * string is an error: the key `7` as a string and as JSON would lie in other partitions, and a join
 * would silently miss.
 */
export function string(): Serde<string> {
  return strings;
}

const strings: Serde<string> = {
  name: 'string',
  encode(value) {
    if (typeof value !== 'string') {
      throw new StreamsError(
        'KEY_TYPE',
        `Expected a string, got ${typeof value}: give the topic or store a serde for its type, or make it a string.`,
      );
    }
    return encodeUtf8(value);
  },
  decode: (bytes) => decoder.decode(bytes),
};
