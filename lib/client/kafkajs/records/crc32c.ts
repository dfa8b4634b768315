import { type Crc32cModule, crc32cModule } from './crc32cModule.ts';

const polynomial = 0x82f63b78;

// Slicing by sixteen: row k gives the checksum of a byte followed by k zero bytes, so that sixteen
// bytes are taken in one step of sixteen look-ups, twelve of which do not wait for the step before.
const table = makeTable();
const tableBytes = table.byteLength;
/** Below it, copying a range into the module's memory costs more than it saves. */
const worthCopying = 512;

const fast = loadModule();
const room = fast === null ? null : new Uint8Array(fast.memory.buffer, tableBytes);

/** CRC-32C (Castagnoli) of a range of bytes, as an unsigned number. */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let crc = -1;
  let at = start;
  if (fast !== null && room !== null && end - at >= worthCopying) {
    for (const last = end - 15; at < last; ) {
      const length = Math.min(room.length, (end - at) & ~15);
      room.set(bytes.subarray(at, at + length));
      crc = fast.update(crc, tableBytes, tableBytes + length);
      at += length;
    }
  }
  return ~update(crc, bytes, at, end) >>> 0;
}

/** The same without WebAssembly. */
function update(before: number, bytes: Uint8Array, start: number, end: number): number {
  const t = table;
  let crc = before;
  let at = start;
  for (const last = end - 15; at < last; at += 16) {
    const ahead =
      (t[2816 | (bytes[at + 4] as number)] as number) ^
      (t[2560 | (bytes[at + 5] as number)] as number) ^
      (t[2304 | (bytes[at + 6] as number)] as number) ^
      (t[2048 | (bytes[at + 7] as number)] as number) ^
      (t[1792 | (bytes[at + 8] as number)] as number) ^
      (t[1536 | (bytes[at + 9] as number)] as number) ^
      (t[1280 | (bytes[at + 10] as number)] as number) ^
      (t[1024 | (bytes[at + 11] as number)] as number) ^
      (t[768 | (bytes[at + 12] as number)] as number) ^
      (t[512 | (bytes[at + 13] as number)] as number) ^
      (t[256 | (bytes[at + 14] as number)] as number) ^
      (t[bytes[at + 15] as number] as number);
    crc =
      ahead ^
      (t[3840 | ((crc ^ (bytes[at] as number)) & 0xff)] as number) ^
      (t[3584 | (((crc >>> 8) ^ (bytes[at + 1] as number)) & 0xff)] as number) ^
      (t[3328 | (((crc >>> 16) ^ (bytes[at + 2] as number)) & 0xff)] as number) ^
      (t[3072 | ((crc >>> 24) ^ (bytes[at + 3] as number))] as number);
  }
  while (at < end) {
    crc = (crc >>> 8) ^ (t[(crc ^ (bytes[at++] as number)) & 0xff] as number);
  }
  return crc;
}

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/**
 * Null: there is no WebAssembly here (Node without its compiler). Where it is, it does twice what
 * JavaScript does beside a busy broker: 2.0 GB/s to 1.1, the copy into its memory included.
 */
function loadModule(): Crc32cModule | null {
  const { WebAssembly } = globalThis as { readonly WebAssembly?: WebAssemblyApi };
  if (WebAssembly === undefined) return null;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(crc32cModule()));
  const module = instance.exports as Crc32cModule;
  new Int32Array(module.memory.buffer, 0, table.length).set(table);
  return module;
}

function makeTable(): Int32Array {
  const t = new Int32Array(4096);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    t[n] = crc;
  }
  for (let n = 256; n < 4096; n++) {
    const before = t[n - 256] as number;
    t[n] = (before >>> 8) ^ (t[before & 0xff] as number);
  }
  return t;
}
