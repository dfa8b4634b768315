import { StateCorruptError } from '../errors.ts';
import type { StoreCheckpoint } from './StateStorage.ts';

/*
 * How rows and checkpoints of several stores lie in one ordered space of keys:
 *
 *   store 00 63                the store's checkpoint: version byte (1), offset and time of
 *                              writing as doubles, checksum
 *   store 00 72  row key       a row
 *   store 00 74  time key      nothing; it says that a row lies there by time
 *   store 00 75                there when all rows have such a time key
 *
 * Names of stores are UTF-8 and hold no zero.
 */

const encoder = new TextEncoder();
const version = 1;
const checkpointBytes = 21;

export type Section = 'checkpoint' | 'rows' | 'times' | 'timed';
const marks: Readonly<Record<Section, number>> = {
  checkpoint: 0x63,
  rows: 0x72,
  times: 0x74,
  timed: 0x75,
};

/** With what all keys of a store's section begin. */
export function sectionPrefix(store: string, section: Section): Uint8Array {
  const name = encoder.encode(store);
  const bytes = new Uint8Array(name.length + 2);
  bytes.set(name);
  bytes[name.length + 1] = marks[section];
  return bytes;
}

export function joined(prefix: Uint8Array, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(prefix.length + rest.length);
  bytes.set(prefix);
  bytes.set(rest, prefix.length);
  return bytes;
}

/** The first key behind all that begin with these bytes; they are not all ff. */
export function behind(prefix: Uint8Array): Uint8Array {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  const bytes = prefix.slice(0, length);
  if (length > 0) bytes[length - 1] = (bytes[length - 1] as number) + 1;
  return bytes;
}

export function encodeCheckpoint(checkpoint: StoreCheckpoint): Uint8Array {
  const bytes = new Uint8Array(checkpointBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = version;
  view.setFloat64(1, checkpoint.offset);
  view.setFloat64(9, checkpoint.writtenAtMs);
  view.setUint32(17, checksum(bytes.subarray(0, 17)));
  return bytes;
}

/** Rejects what a crash, a disk or another program has garbled. */
export function decodeCheckpoint(bytes: Uint8Array, task: string, store: string): StoreCheckpoint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (
    bytes.length !== checkpointBytes ||
    bytes[0] !== version ||
    view.getUint32(17) !== checksum(bytes.subarray(0, 17))
  ) {
    throw new StateCorruptError(
      `The checkpoint of store "${store}" is garbled: wipe it, the changelog has all of it.`,
      { place: { task } },
    );
  }
  return { offset: view.getFloat64(1), writtenAtMs: view.getFloat64(9) };
}

/** FNV-1a. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
