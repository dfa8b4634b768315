import { Buffer } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Compression, LogRecord, NewRecord } from '../../../../lib/client/KafkaClient.ts';
import type { AbortedTransaction } from '../../../../lib/client/kafkajs/records/AbortedTransactions.ts';
import { BatchBuilder, stampBatch } from '../../../../lib/client/kafkajs/records/BatchBuilder.ts';
import { BatchReader } from '../../../../lib/client/kafkajs/records/BatchReader.ts';
import { at, attribute } from '../../../../lib/client/kafkajs/records/batchFormat.ts';
import { Codecs, compressionNumbers } from '../../../../lib/client/kafkajs/records/Codecs.ts';
import { crc32c } from '../../../../lib/client/kafkajs/records/crc32c.ts';
import { KafkaError } from '../../../../lib/errors.ts';

const codecs = new Codecs();
const utf8 = (text: string) => new TextEncoder().encode(text);
const record = (value: string, timestamp = 1): NewRecord => ({
  key: null,
  value: utf8(value),
  timestamp,
});

interface BatchShape {
  readonly offset?: number;
  readonly producerId?: number;
  readonly isTransactional?: boolean;
  readonly attributes?: number;
  readonly codec?: Compression;
}

function batch(records: readonly NewRecord[], shape: BatchShape = {}): Buffer {
  const builder = new BatchBuilder();
  for (const one of records) builder.append(one);
  const number = compressionNumbers[shape.codec ?? 'none'];
  const bytes = builder.seal(codecs.get(number) ?? null, number);
  bytes.writeBigInt64BE(BigInt(shape.offset ?? 0), at.baseOffset);
  stampBatch(bytes, {
    producerId: shape.producerId ?? -1,
    producerEpoch: 0,
    baseSequence: 0,
    isTransactional: shape.isTransactional ?? false,
  });
  if (shape.attributes !== undefined) {
    bytes.writeInt16BE(bytes.readInt16BE(at.attributes) | shape.attributes, at.attributes);
    bytes.writeUInt32BE(crc32c(bytes, at.attributes), at.crc);
  }
  return bytes;
}

/** A transaction's end: type 0 aborts, 1 commits. */
const marker = (offset: number, producerId: number, type: 0 | 1): Buffer =>
  batch([{ key: Uint8Array.of(0, 0, 0, type), value: new Uint8Array(6), timestamp: 1 }], {
    offset,
    producerId,
    isTransactional: true,
    attributes: attribute.control,
  });

/** What the log's cleaner leaves of a marker that is its producer's last: a batch of no records. */
function cleanedMarker(offset: number, producerId: number): Buffer {
  const bytes = Buffer.from(marker(offset, producerId, 0).subarray(0, at.records));
  bytes.writeInt32BE(bytes.length - at.leaderEpoch, at.batchLength);
  bytes.writeInt32BE(0, at.recordsCount);
  bytes.writeUInt32BE(crc32c(bytes, at.attributes), at.crc);
  return bytes;
}

function read(
  bytes: Buffer,
  o: { fromOffset?: number; aborted?: readonly AbortedTransaction[] | null } = {},
): { records: LogRecord[]; nextOffset: number } {
  const reader = new BatchReader(bytes, {
    codecs,
    fromOffset: o.fromOffset ?? 0,
    aborted: o.aborted ?? null,
  });
  const records: LogRecord[] = [];
  while (!reader.isDone) reader.readBatch(records);
  return { records, nextOffset: reader.nextOffset };
}

const values = (records: readonly LogRecord[]): string[] =>
  records.map(({ value }) => new TextDecoder().decode(value ?? utf8('null')));

const bytesOrNull = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null });
const anyRecord: fc.Arbitrary<NewRecord> = fc.record({
  key: bytesOrNull,
  value: bytesOrNull,
  timestamp: fc.integer({ min: -1, max: 8.64e15 }),
  headers: fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), bytesOrNull), { maxLength: 4 }),
});

describe('record batches', () => {
  it.each(Object.keys(compressionNumbers) as Compression[])(
    'come back as they went, compressed by %s',
    async (codec) => {
      await codecs.load(compressionNumbers[codec]);
      fc.assert(
        fc.property(
          fc.array(anyRecord, { minLength: 1, maxLength: 40 }),
          fc.nat(2 ** 40),
          (sent, offset) => {
            const { records, nextOffset } = read(batch(sent, { offset, codec }), {
              fromOffset: offset,
            });
            expect(nextOffset).toBe(offset + sent.length);
            expect(records).toEqual(sent.map((one, n) => ({ ...one, offset: offset + n })));
          },
        ),
      );
    },
  );

  it('have the bytes that Kafka documents', () => {
    const bytes = batch([
      { key: utf8('k'), value: utf8('v'), timestamp: 5, headers: [['h', null]] },
    ]);
    const checksum = crc32c(bytes, 21).toString(16).padStart(8, '0');
    expect(bytes.toString('hex')).toBe(
      `${'0000000000000000'}${'0000003d'}ffffffff02${checksum}` +
        '000000000000' +
        '0000000000000005'.repeat(2) +
        `ffffffffffffffff${'0000'}${'00000000'}${'00000001'}` +
        '16000000' +
        '026b' +
        '0276' +
        '02026801',
    );
  });

  it('are read from the middle, and further than the last record', () => {
    const bytes = Buffer.concat([
      batch([record('a'), record('b'), record('c')], { offset: 10 }),
      batch([record('d')], { offset: 20 }),
      marker(21, 7, 1),
    ]);
    const { records, nextOffset } = read(bytes, { fromOffset: 12 });
    expect(values(records)).toEqual(['c', 'd']);
    expect(records.map(({ offset }) => offset)).toEqual([12, 20]);
    expect(nextOffset).toBe(22);
  });

  it('leave out a last batch that is cut short', () => {
    const whole = batch([record('a')], { offset: 0 });
    const cut = batch([record('b')], { offset: 1 });
    for (let length = 0; length < cut.length; length++) {
      const { records, nextOffset } = read(Buffer.concat([whole, cut.subarray(0, length)]));
      expect([values(records), nextOffset]).toEqual([['a'], 1]);
    }
  });

  it('that cleaning left without records are passed over, whatever is read', () => {
    const log = Buffer.concat([
      batch([record('a')], { offset: 2 }),
      cleanedMarker(3, 7),
      batch([record('b')], { offset: 4 }),
      cleanedMarker(5, 7),
    ]);
    for (const aborted of [[], null]) {
      const { records, nextOffset } = read(log, { fromOffset: 2, aborted });
      expect([values(records), nextOffset]).toEqual([['a', 'b'], 6]);
    }
  });

  it('have the time of their appending where the topic says so', () => {
    const bytes = batch([record('a', 5), record('b', 3)], { attributes: attribute.logAppendTime });
    expect(read(bytes).records.map(({ timestamp }) => timestamp)).toEqual([5, 5]);
  });

  it('are views of the answer, not copies', () => {
    const bytes = batch([record('a')]);
    expect(read(bytes).records[0]?.value?.buffer).toBe(bytes.buffer);
  });

  it('of another format are refused, naming it', () => {
    const bytes = batch([record('a')]);
    bytes[at.magic] = 1;
    expect(() => read(bytes)).toThrow(
      expect.objectContaining({
        code: 'NOT_SUPPORTED',
        message: expect.stringContaining('format 1'),
      }),
    );
  });

  it('with a flipped bit are refused', () => {
    const original = batch([record('abc'), record('def')]);
    for (let bit = at.crc * 8; bit < original.length * 8; bit++) {
      const bytes = Buffer.from(original);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(() => read(bytes)).toThrow(KafkaError);
    }
  });
});

describe('aborted transactions', () => {
  const tx = (offset: number, producerId: number, value: string): Buffer =>
    batch([record(value)], { offset, producerId, isTransactional: true });

  it('are not shown, interleaved and listed in the order of their ends', () => {
    //  offset  0    1    2    3    4        5    6        7    8        9
    //          A1   B1   C1   A2   abort B  B2   commit C  n   abort A  commit B
    const log = Buffer.concat([
      tx(0, 1, 'A1'),
      tx(1, 2, 'B1'),
      tx(2, 3, 'C1'),
      tx(3, 1, 'A2'),
      marker(4, 2, 0),
      tx(5, 2, 'B2'),
      marker(6, 3, 1),
      batch([record('n')], { offset: 7 }),
      marker(8, 1, 0),
      marker(9, 2, 1),
    ]);
    const aborted = [
      { producerId: 2, firstOffset: 1 },
      { producerId: 1, firstOffset: 0 },
    ];
    expect(values(read(log, { aborted }).records)).toEqual(['C1', 'B2', 'n']);
    expect(read(log, { aborted }).nextOffset).toBe(10);
    expect(values(read(log).records)).toEqual(['A1', 'B1', 'C1', 'A2', 'B2', 'n']);
  });

  it('that began before this answer and end after it are not shown', () => {
    const log = Buffer.concat([tx(100, 1, 'A'), tx(101, 2, 'C'), tx(102, 1, 'A')]);
    const aborted = [{ producerId: 1, firstOffset: 3 }];
    const seen = read(log, { aborted, fromOffset: 100 });
    expect([values(seen.records), seen.nextOffset]).toEqual([['C'], 103]);
  });

  it('of one producer may follow each other', () => {
    const log = Buffer.concat([
      tx(0, 1, 'no'),
      marker(1, 1, 0),
      tx(2, 1, 'yes'),
      marker(3, 1, 1),
      tx(4, 1, 'no'),
      marker(5, 1, 0),
    ]);
    const aborted = [
      { producerId: 1, firstOffset: 4 },
      { producerId: 1, firstOffset: 0 },
    ];
    expect(values(read(log, { aborted }).records)).toEqual(['yes']);
  });

  it('are not ended by a record whose key looks like a marker', () => {
    const fake = batch([{ key: new Uint8Array(4), value: utf8('key 0'), timestamp: 1 }], {
      offset: 0,
      producerId: 1,
      isTransactional: true,
    });
    const log = Buffer.concat([fake, tx(1, 1, 'no'), marker(2, 1, 0)]);
    expect(read(log, { aborted: [{ producerId: 1, firstOffset: 0 }] }).records).toEqual([]);
  });
});
