import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bufferedRecord } from '../../../lib/operators/internal/bufferedRecord.ts';
import {
  answerSerde,
  hashOf,
  type Instruction,
  prefixOf,
  subscriptionKeySerde,
  subscriptionSerde,
} from '../../../lib/operators/internal/foreignKeyWire.ts';
import { rowChange } from '../../../lib/operators/internal/rowChange.ts';
import { sidedKey, sidedValue } from '../../../lib/operators/internal/sided.ts';
import { json } from '../../../lib/serde/json.ts';
import type { Serde } from '../../../lib/serde/Serde.ts';
import { string } from '../../../lib/serde/string.ts';
import { ended, versionedValue } from '../../../lib/state/versionedState.ts';

const strings = string() as Serde<unknown>;
const values = fc.jsonValue().filter((value) => value !== null);
const text = fc.string({ unit: 'grapheme' });
const hash = fc.option(fc.maxSafeNat());
const partition = fc.nat(100_000);

/** What is written is read again, and so is a view into a larger buffer. */
function roundTrips<T>(serde: Serde<T>, samples: fc.Arbitrary<T>): void {
  fc.assert(
    fc.property(samples, (sample) => {
      const bytes = serde.encode(sample);
      const inLarger = new Uint8Array(bytes.length + 7).fill(255);
      inLarger.set(bytes, 3);
      expect(serde.decode(bytes)).toEqual(sample);
      expect(serde.decode(inLarger.subarray(3, 3 + bytes.length))).toEqual(sample);
    }),
  );
}

const normalized = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const jsonValues = values.map(normalized);

describe('what operators write is read again', () => {
  it('records that wait', () => {
    const headers = fc.array(fc.tuple(text, fc.option(fc.uint8Array())));
    const sample = fc.record({
      value: jsonValues,
      headers,
      topic: text,
      partition,
      offset: fc.maxSafeNat(),
      lane: partition,
    });
    roundTrips(bufferedRecord(json()), sample);
  });

  it('subscriptions and answers of a foreign-key join', () => {
    const instruction = fc.constantFrom<Instruction[]>(
      'forget',
      'forget and answer',
      'answer',
      'answer if found',
    );
    roundTrips(subscriptionSerde(strings), fc.record({ instruction, key: text, hash, partition }));
    roundTrips(answerSerde(json()), fc.record({ hash, partition, value: fc.option(jsonValues) }));
  });

  it('changes of a grouped table', () => {
    const side = fc.option(jsonValues);
    roundTrips(rowChange(json()), fc.record({ value: side, previous: side }));
  });

  it('the two sides of a join', () => {
    const side = fc.constantFrom(0 as const, 1 as const);
    roundTrips(sidedKey(strings), fc.record({ side, key: text }));
    roundTrips(
      sidedValue(json(), strings),
      fc.record({ side: fc.constant(1 as const), value: jsonValues }),
    );
    roundTrips(
      sidedValue(json(), strings),
      fc.record({ side: fc.constant(0 as const), value: text }),
    );
  });

  it('versions, also those that end a row', () => {
    roundTrips(versionedValue(json<unknown>()), fc.oneof(jsonValues, fc.constant(ended)));
  });

  it('places of subscriptions; those of one foreign key begin alike, no others do', () => {
    const serde = subscriptionKeySerde(strings, strings);
    roundTrips(serde, fc.record({ foreignKey: text, key: text }));
    fc.assert(
      fc.property(text, text, text, (one, other, key) => {
        const begins = (place: string, prefix: string): boolean => {
          const bytes = serde.encode({ foreignKey: place, key });
          return prefixOf(strings, prefix).every((byte, i) => byte === bytes[i]);
        };
        expect(begins(one, one)).toBe(true);
        expect(begins(other, one)).toBe(one === other);
      }),
    );
  });

  it('what another release wrote is refused', () => {
    const refused = { code: 'UNDECODABLE' };
    const newer = Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    for (const serde of [
      bufferedRecord(json()),
      subscriptionSerde(strings),
      answerSerde(json()),
      rowChange(json()),
    ]) {
      expect(() => serde.decode(newer)).toThrow(expect.objectContaining(refused));
    }
  });

  it('a hash tells rows apart', () => {
    const hashes = new Set<number>();
    const encoder = new TextEncoder();
    for (let i = 0; i < 100_000; i++) hashes.add(hashOf(encoder.encode(`{"n":${i}}`)));
    expect(hashes.size).toBe(100_000);
  });
});
