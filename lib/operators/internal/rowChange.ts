import type { Serde } from '../../serde/Serde.ts';
import { concatBytes, int32Bytes } from './concatBytes.ts';
import { checkVersion, wireVersion } from './wireVersion.ts';

/**
 * What a grouped table's row is now and was before, on its way to the task of its group; null is
 * none.
 */
export interface RowChange {
  readonly value: unknown;
  readonly previous: unknown;
}

/**
 * Version; the new value's length (-1: none) and bytes; then whether there is an old one, and its
 * bytes.
 */
export function rowChange(value: Serde<unknown>): Serde<RowChange> {
  return {
    name: `change(${value.name ?? 'custom'})`,
    encode(change) {
      const now = change.value === null ? null : value.encode(change.value);
      const parts = [Uint8Array.of(wireVersion), int32Bytes(now === null ? -1 : now.length)];
      if (now !== null) parts.push(now);
      parts.push(Uint8Array.of(change.previous === null ? 0 : 1));
      if (change.previous !== null) parts.push(value.encode(change.previous));
      return concatBytes(parts);
    },
    decode(bytes) {
      checkVersion('A change of a grouped table', bytes);
      const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(1);
      const end = 5 + Math.max(0, length);
      return {
        value: length < 0 ? null : value.decode(bytes.subarray(5, end)),
        previous: bytes[end] === 0 ? null : value.decode(bytes.subarray(end + 1)),
      };
    },
  };
}
