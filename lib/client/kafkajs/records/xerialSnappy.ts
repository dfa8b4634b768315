import { Buffer } from 'node:buffer';
import { ProtocolReader } from '../protocol/Reader.ts';
import { ProtocolWriter } from '../protocol/Writer.ts';

/** Snappy's bare block format, as a library gives it. */
export interface SnappyBlocks {
  compress(block: Uint8Array): Uint8Array;
  /** Throws when the result would pass `maxBytes`. */
  uncompress(block: Uint8Array, maxBytes: number): Uint8Array;
}

const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const blockBytes = 65_536;

/**
 * Java wraps snappy blocks in a framing of its own (of the xerial library): magic, version INT32,
 * compatible version INT32, then blocks, each INT32 length and a snappy block.
 */
export function xerialCompress(bytes: Uint8Array, blocks: SnappyBlocks): Uint8Array {
  const writer = new ProtocolWriter(64 + (bytes.length >> 1));
  writer.raw(magic).int32(1).int32(1);
  for (let at = 0; at < bytes.length; at += blockBytes) {
    writer.byteArray(blocks.compress(bytes.subarray(at, at + blockBytes)));
  }
  return writer.bytes();
}

/** Reads Java's framing, and a bare block, which some clients write. */
export function xerialUncompress(
  bytes: Uint8Array,
  blocks: SnappyBlocks,
  maxBytes: number,
): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 16 || !buffer.subarray(0, 8).equals(magic)) {
    return blocks.uncompress(bytes, maxBytes);
  }
  const reader = new ProtocolReader(buffer, 16);
  const parts: Uint8Array[] = [];
  let left = maxBytes;
  while (reader.remaining > 0) {
    const part = blocks.uncompress(reader.byteArray(), left);
    left -= part.length;
    parts.push(part);
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}

/** How long a bare snappy block says it becomes: the variable-length number it begins with. */
export function snappyLength(block: Uint8Array): number {
  return new ProtocolReader(Buffer.from(block.buffer, block.byteOffset, block.length)).uvarint();
}
