import { Buffer } from 'node:buffer';
import zlib from 'node:zlib';
import { KafkaError } from '../../../errors.ts';
import type { Compression } from '../../KafkaClient.ts';
import { snappyLength, xerialCompress, xerialUncompress } from './xerialSnappy.ts';

/**
 * Compresses the records of one batch. Both ways are synchronous: a batch is at most about a
 * megabyte.
 */
export interface Codec {
  compress(bytes: Uint8Array): Uint8Array;
  /**
   * Throws a `PROTOCOL_CORRUPT` error on bytes that are not the codec's, or grow beyond all bounds.
   */
  decompress(bytes: Uint8Array): Uint8Array;
}

/** The numbers batches have for codecs in the lowest bits of their attributes. */
export const compressionNumbers: Readonly<Record<Compression, number>> = {
  none: 0,
  gzip: 1,
  snappy: 2,
  lz4: 3,
  zstd: 4,
};

const zstdMagic = [0x28, 0xb5, 0x2f, 0xfd];

/** Most bytes one batch may become: guards against one that claims to hold the world. */
const maxBatchBytes = 268_435_456;

const loaders: readonly (null | (() => Promise<Codec>))[] = [
  null,
  loadGzip,
  loadSnappy,
  loadLz4,
  loadZstd,
];

/**
 * The codecs of one connection, loaded when first met: gzip is Node's own, the others come from
 * libraries that are only needed where such batches are.
 */
export class Codecs {
  readonly #loaded = new Map<number, Codec>();

  /** The codec, if it was loaded before; null for batches that are not compressed. */
  get(number: number): Codec | null | undefined {
    return number === 0 ? null : this.#loaded.get(number);
  }

  /** Rejects with `CODEC_MISSING`, naming the package to install. */
  async load(number: number): Promise<void> {
    if (number === 0 || this.#loaded.has(number)) return;
    const load = loaders[number];
    if (load === undefined || load === null) {
      throw new KafkaError(
        'NOT_SUPPORTED',
        `A batch is compressed by codec ${number}, which this client does not know. Update rxkstreams.`,
      );
    }
    this.#loaded.set(number, guarded(await load()));
  }
}

async function loadGzip(): Promise<Codec> {
  return {
    compress: (bytes) => zlib.gzipSync(bytes),
    decompress: (bytes) => zlib.gunzipSync(bytes, { maxOutputLength: maxBatchBytes }),
  };
}

async function loadSnappy(): Promise<Codec> {
  const snappy = await optional('snappy', () => import('snappy'));
  const blocks = {
    compress: (block: Uint8Array) => snappy.compressSync(asBuffer(block)),
    uncompress(block: Uint8Array, maxBytes: number) {
      if (snappyLength(block) > maxBytes) throw new RangeError('it grows too large');
      return snappy.uncompressSync(asBuffer(block), { asBuffer: true }) as Buffer;
    },
  };
  return {
    compress: (bytes) => xerialCompress(bytes, blocks),
    decompress: (bytes) => xerialUncompress(bytes, blocks, maxBatchBytes),
  };
}

async function loadLz4(): Promise<Codec> {
  const lz4 = await optional('lz4-napi', () => import('lz4-napi'));
  return {
    compress: (bytes) => lz4.compressFrameSync(asBuffer(bytes)),
    decompress(bytes) {
      if (lz4Bound(bytes) > maxBatchBytes) throw new RangeError('it grows too large');
      return lz4.decompressFrameSync(asBuffer(bytes));
    },
  };
}

/**
 * The most that an LZ4 frame can become. Frame: magic UINT32 LE, flags, block descriptor (bits 4-6:
 * 64 KiB times four to the power of its value less four), content size of 8 bytes if flag 3, a
 * checksum byte; then blocks, each with its length in 31 bits LE, of which one cannot grow more
 * than 255 times.
 */
function lz4Bound(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = view.getUint8(4);
  const blockMax = 65_536 * 4 ** Math.max(0, ((view.getUint8(5) >> 4) & 7) - 4);
  const checksumBytes = (flags & 0x10) === 0 ? 0 : 4;
  let bound = 0;
  for (let at = 7 + ((flags & 8) === 0 ? 0 : 8); at + 4 <= bytes.length; ) {
    const length = view.getUint32(at, true) & 0x7fffffff;
    if (length === 0) break;
    bound += Math.min(blockMax, length * 255);
    at += 4 + length + checksumBytes;
  }
  return bound;
}

/** Node has zstd from 22.15 on; before, a library compiled to WebAssembly does it. */
interface NodeZstd {
  zstdCompressSync?(bytes: Uint8Array): Uint8Array;
  zstdDecompressSync?(bytes: Uint8Array, o: { maxOutputLength: number }): Uint8Array;
}

async function loadZstd(): Promise<Codec> {
  const { zstdCompressSync, zstdDecompressSync } = zlib as unknown as NodeZstd;
  if (zstdCompressSync !== undefined && zstdDecompressSync !== undefined) {
    return {
      compress: (bytes) => zstdCompressSync(bytes),
      decompress: (bytes) => zstdDecompressSync(bytes, { maxOutputLength: maxBatchBytes }),
    };
  }
  const zstd = await optional('@bokuweb/zstd-wasm', () => import('@bokuweb/zstd-wasm'));
  await zstd.init();
  return {
    compress: (bytes) => zstd.compress(bytes, 3),
    decompress: (bytes) => growingZstd(bytes, zstd.decompress),
  };
}

/** Java writes frames that do not tell their length: room is offered in steps until it suffices. */
function growingZstd(
  bytes: Uint8Array,
  decompress: (bytes: Uint8Array, o: { defaultHeapSize: number }) => Uint8Array,
): Uint8Array {
  const told = zstdLength(bytes);
  if (told !== null && told > maxBatchBytes) throw new RangeError('it grows too large');
  for (let room = 1 << 20; ; room *= 8) {
    try {
      return decompress(bytes, { defaultHeapSize: room });
    } catch (error) {
      if (told !== null || room * 8 > maxBatchBytes) throw error;
    }
  }
}

/** The content size in a zstd frame's header, or null when it is not told. */
function zstdLength(bytes: Uint8Array): number | null {
  if (zstdMagic.some((byte, n) => bytes[n] !== byte)) throw new RangeError('it is not zstd');
  const descriptor = bytes[4] ?? 0;
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  if (sizeFlag === 0 && !isSingle) return null;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const at = 5 + (isSingle ? 0 : 1) + dictionaryBytes;
  const width = [1, 2, 4, 8][sizeFlag] as number;
  let size = 0;
  for (let n = width - 1; n >= 0; n--) size = size * 256 + (bytes[at + n] ?? 0);
  return sizeFlag === 1 ? size + 256 : size;
}

async function optional<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    const module = (await load()) as T & { readonly default?: T };
    return module.default ?? module;
  } catch (cause) {
    throw new KafkaError(
      'CODEC_MISSING',
      `A compression codec comes from the package ${name}, which is not installed. Install it: ` +
        `npm install ${name}`,
      { cause },
    );
  }
}

/** Whatever a library throws on bytes it cannot read becomes one error. */
function guarded(codec: Codec): Codec {
  return {
    compress: codec.compress,
    decompress(bytes) {
      try {
        return codec.decompress(bytes);
      } catch (cause) {
        throw new KafkaError(
          'PROTOCOL_CORRUPT',
          "A batch's compressed records cannot be read. Check the log on the broker, or seek past it.",
          { cause },
        );
      }
    },
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
