/*
 * The inner loop of CRC-32C as a WebAssembly module, put together here instruction by instruction:
 *
 *   (module (memory (export "memory") 1)
 *     (func (export "update") (param $crc i32) (param $at i32) (param $end i32) (result i32)
 *       (local $word i32) (local $rest i32)
 *       ;; until $at has reached $end: the four words there by sixteen look-ups
 */

/** The few of WebAssembly's instructions that it takes. */
const op = {
  loop: 0x03,
  end: 0x0b,
  branchIf: 0x0d,
  get: 0x20,
  set: 0x21,
  load: 0x28,
  constant: 0x41,
  isLess: 0x49,
  add: 0x6a,
  and: 0x71,
  xor: 0x73,
  shiftLeft: 0x74,
  shiftRight: 0x76,
} as const;
const i32 = 0x7f;
const noResult = 0x40;

const [crc, at, end, word, rest] = [0, 1, 2, 3, 4];
/** A row of the table has 256 words. */
const rowBytes = 1_024;

export interface Crc32cModule {
  /** 64 KiB: the table's sixteen rows of 1 KiB, then what is to be summed up. */
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Goes on from `crc` over the bytes from `at` to `end`, a multiple of sixteen, in `memory`. */
  update(crc: number, at: number, end: number): number;
}

/** Bytes of the module; it needs its table before it can be used. */
export function crc32cModule(): Uint8Array<ArrayBuffer> {
  const body = [
    ...[1, 2, i32],
    ...[op.loop, noResult],
    // The first word needs the step before, so the others are looked up ahead of it.
    ...wordAt(4, 11),
    ...wordAt(8, 7),
    op.xor,
    ...wordAt(12, 3),
    ...[op.xor, op.set, rest],
    ...wordAt(0, 15),
    ...[op.get, rest, op.xor, op.set, crc],
    ...[op.get, at, op.constant, 16, op.add, op.set, at],
    ...[op.get, at, op.get, end, op.isLess, op.branchIf, 0],
    ...[op.end, op.get, crc, op.end],
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, i32, i32, i32, 1, i32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...text('memory'), 2, 0, ...text('update'), 0, 0]),
    ...section(10, [1, ...sized(body)]),
  ]);
}

/** Pushes what four bytes from `$at + offset` come to: their rows are `row` and those below it. */
function wordAt(offset: number, row: number): number[] {
  const withCrc = offset === 0 ? [op.get, crc, op.xor] : [];
  const load = [op.get, at, op.load, 0, offset, ...withCrc, op.set, word];
  // A byte times four is its place in a row.
  const places = [
    [op.constant, 2, op.shiftLeft],
    [op.constant, 6, op.shiftRight],
    [op.constant, 14, op.shiftRight],
    [op.constant, 22, op.shiftRight],
  ];
  const lookUps = places.flatMap((place, n) => [
    ...[op.get, word, ...place, op.constant, ...signed(0x3fc), op.and],
    ...[op.load, 2, ...unsigned((row - n) * rowBytes)],
    ...(n === 0 ? [] : [op.xor]),
  ]);
  return [...load, ...lookUps];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

function text(name: string): number[] {
  return sized([...name].map((letter) => letter.charCodeAt(0)));
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of a positive number whose sign must show. */
function signed(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >>> 7)];
}
