const polynomial = 0x82f63b78;

// Slicing by eight: table k gives the checksum of a byte followed by k zero bytes, so that eight bytes
// are taken in one step of eight look-ups. One flat array keeps them in one bounds check's reach.
const table = makeTable();

/** CRC-32C (Castagnoli) of a range of bytes, as an unsigned number. */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  const t = table;
  let crc = -1;
  let at = start;
  const last = end - 7;
  while (at < last) {
    const low =
      crc ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24));
    crc =
      (t[1792 | (low & 0xff)] as number) ^
      (t[1536 | ((low >>> 8) & 0xff)] as number) ^
      (t[1280 | ((low >>> 16) & 0xff)] as number) ^
      (t[1024 | (low >>> 24)] as number) ^
      (t[768 | (bytes[at + 4] as number)] as number) ^
      (t[512 | (bytes[at + 5] as number)] as number) ^
      (t[256 | (bytes[at + 6] as number)] as number) ^
      (t[bytes[at + 7] as number] as number);
    at += 8;
  }
  while (at < end) {
    crc = (crc >>> 8) ^ (t[(crc ^ (bytes[at++] as number)) & 0xff] as number);
  }
  return ~crc >>> 0;
}

function makeTable(): Int32Array {
  const t = new Int32Array(2048);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    t[n] = crc;
  }
  for (let n = 256; n < 2048; n++) {
    const before = t[n - 256] as number;
    t[n] = (before >>> 8) ^ (t[before & 0xff] as number);
  }
  return t;
}
