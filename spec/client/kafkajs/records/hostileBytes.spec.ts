import { Buffer } from 'node:buffer';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { LogRecord } from '../../../../lib/client/KafkaClient.ts';
import { BatchBuilder, stampBatch } from '../../../../lib/client/kafkajs/records/BatchBuilder.ts';
import { BatchReader } from '../../../../lib/client/kafkajs/records/BatchReader.ts';
import { at } from '../../../../lib/client/kafkajs/records/batchFormat.ts';
import { Codecs } from '../../../../lib/client/kafkajs/records/Codecs.ts';
import { crc32c } from '../../../../lib/client/kafkajs/records/crc32c.ts';
import { KafkaError } from '../../../../lib/errors.ts';
import { seeded } from '../seeded.ts';

const codecs = new Codecs();
const rounds = Number(process.env.HOSTILE_ROUNDS ?? 20_000);
const seed = Number(process.env.HOSTILE_SEED ?? 1);

function sample(codec: number): Buffer {
  const builder = new BatchBuilder();
  for (let n = 0; n < 12; n++) {
    builder.append({
      key: n % 3 === 0 ? null : Uint8Array.of(0, 0, n),
      value: n % 4 === 0 ? null : new Uint8Array(n * 7).fill(n),
      timestamp: 1_700_000_000_000 + n * 40_000,
      headers:
        n % 5 === 0
          ? [
              ['trace', Uint8Array.of(n)],
              ['trace', null],
            ]
          : [],
    });
  }
  const bytes = builder.seal(codecs.get(codec) ?? null, codec);
  stampBatch(bytes, {
    producerId: 9,
    producerEpoch: 1,
    baseSequence: 0,
    isTransactional: codec === 0,
  });
  return bytes;
}

function mutated(original: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(original);
  const pick = (n: number): number => Math.floor(random() * n);
  for (let n = 1 + pick(4); n > 0; n--) {
    const where = pick(bytes.length);
    const how = pick(4);
    if (how === 0) bytes[where] = pick(256);
    else if (how === 1) bytes[where] = (bytes[where] as number) ^ (1 << pick(8));
    else if (how === 2) bytes.subarray(where, where + pick(9)).fill(pick(2) * 255);
    else bytes.copyWithin(pick(bytes.length), where, where + pick(20));
  }
  // The checksum would hide all that lies behind it: half of the time it is put right again.
  if (random() < 0.5) bytes.writeUInt32BE(crc32c(bytes, at.attributes), at.crc);
  return random() < 0.2 ? bytes.subarray(0, pick(bytes.length)) : bytes;
}

describe('hostile bytes', () => {
  beforeAll(async () => {
    for (const codec of [1, 2, 3, 4]) await codecs.load(codec);
  });

  it.each([0, 1, 2, 3, 4])('codec %i: give records or a coded error', (codec) => {
    const random = seeded(seed + codec);
    const original = sample(codec);
    const outcomes = { records: 0, errors: 0 };
    for (let round = 0; round < (codec === 4 ? rounds / 10 : rounds); round++) {
      const bytes = mutated(original, random);
      try {
        const reader = new BatchReader(bytes, {
          codecs,
          fromOffset: 0,
          aborted: [{ producerId: 9, firstOffset: 0 }],
        });
        const records: LogRecord[] = [];
        while (!reader.isDone) reader.readBatch(records);
        outcomes.records++;
      } catch (error) {
        if (!(error instanceof KafkaError)) {
          throw new Error(`round ${round} of seed ${seed}`, { cause: error });
        }
        outcomes.errors++;
      }
    }
    expect(outcomes.errors).toBeGreaterThan(rounds / 100);
    expect(outcomes.records).toBeGreaterThan(rounds / 1000);
  });
});
