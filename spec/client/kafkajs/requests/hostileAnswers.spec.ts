import { Buffer } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import { ProtocolReader } from '../../../../lib/client/kafkajs/protocol/Reader.ts';
import { ProtocolWriter } from '../../../../lib/client/kafkajs/protocol/Writer.ts';
import { decodeDescribeConfigs } from '../../../../lib/client/kafkajs/requests/describeConfigs.ts';
import { decodeFetch } from '../../../../lib/client/kafkajs/requests/fetch.ts';
import { decodeMetadata } from '../../../../lib/client/kafkajs/requests/metadata.ts';
import { decodeProduce } from '../../../../lib/client/kafkajs/requests/produce.ts';
import { decodeTxnOffsetCommit } from '../../../../lib/client/kafkajs/requests/txnOffsetCommit.ts';
import { KafkaError } from '../../../../lib/errors.ts';
import { seeded } from '../seeded.ts';

const rounds = Number(process.env.HOSTILE_ROUNDS ?? 10_000);
const seed = Number(process.env.HOSTILE_SEED ?? 1);

type Write = (writer: ProtocolWriter) => void;

const fetched: Write = (w) => {
  w.int32(0).int16(0).int32(0);
  w.array(['one', 'two'], (topic) => {
    w.string(topic).array([0, 1, 2], (partition) => {
      w.int32(partition).int16(partition).int64(100).int64(90).int64(3);
      w.array([1, 2], (n) => w.int64(n).int64(n * 10));
      w.int32(-1).byteArray(new Uint8Array(40).fill(partition));
    });
  });
};

const metadata: Write = (w) => {
  w.int32(0);
  w.array([1, 2], (n) => w.int32(n).string('host').int32(9092).nullableString(null));
  w.nullableString('cluster').int32(1);
  w.array(['one', 'two'], (topic) => {
    w.int16(0).string(topic).boolean(false);
    w.array([0, 1], (partition) => {
      w.int16(0).int32(partition).int32(1).int32(7);
      for (let n = 0; n < 3; n++) w.array([1, 2], (node) => w.int32(node));
    });
    w.int32(0);
  });
  w.int32(0);
};

const produced: Write = (w) => {
  w.array(['one'], (topic) => {
    w.string(topic).array([0, 1], (partition) => {
      w.int32(partition).int16(87).int64(-1).int64(-1).int64(0);
      w.array([3], (n) => w.int32(n).nullableString('bad')).nullableString('invalid');
    });
  });
  w.int32(0);
};

const configs: Write = (w) => {
  w.int32(0).array(['one'], (topic) => {
    w.int16(0).nullableString(null).int8(2).string(topic);
    w.array(['a', 'b'], (name) => {
      w.string(name).nullableString('v').boolean(false).int8(1).boolean(false);
      w.array(['s'], (synonym) => w.string(synonym).nullableString(null).int8(5));
    });
  });
};

const offsetsCommitted: Write = (w) => {
  w.int32(0).compactArray(['one', 'two'], (topic) => {
    w.compactString(topic).compactArray([0, 1], (n) => w.int32(n).int16(0).noTags());
    w.noTags();
  });
  w.noTags();
};

function mutated(original: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(original);
  const pick = (n: number): number => Math.floor(random() * n);
  for (let n = 1 + pick(5); n > 0; n--) {
    const where = pick(bytes.length);
    if (random() < 0.5) bytes[where] = pick(256);
    else bytes.subarray(where, where + 1 + pick(8)).fill(pick(2) * 255);
  }
  return random() < 0.3 ? bytes.subarray(0, pick(bytes.length)) : bytes;
}

describe('hostile answers', () => {
  it.each<[string, Write, (reader: ProtocolReader) => unknown]>([
    ['Fetch', fetched, decodeFetch],
    ['Metadata', metadata, decodeMetadata],
    ['Produce', produced, decodeProduce],
    ['DescribeConfigs', configs, decodeDescribeConfigs],
    ['TxnOffsetCommit', offsetsCommitted, decodeTxnOffsetCommit],
  ])('to %s are read or refused by a coded error', (_, write, decode) => {
    const writer = new ProtocolWriter();
    write(writer);
    const original = writer.bytes();
    const whole = new ProtocolReader(original);
    decode(whole);
    const random = seeded(seed);
    const outcomes = { read: 0, refused: 0 };
    for (let round = 0; round < rounds; round++) {
      try {
        decode(new ProtocolReader(mutated(original, random)));
        outcomes.read++;
      } catch (error) {
        if (!(error instanceof KafkaError) || error.code !== 'PROTOCOL_CORRUPT') {
          throw new Error(`round ${round} of seed ${seed}`, { cause: error });
        }
        outcomes.refused++;
      }
    }
    expect(outcomes.read).toBeGreaterThan(0);
    expect(outcomes.refused).toBeGreaterThan(0);
  });
});
