import type { Serde } from '../../serde/Serde.ts';
import { concatBytes, int32Bytes } from './concatBytes.ts';
import { checkVersion, wireVersion } from './wireVersion.ts';

/** What the left side asks of the task that owns its foreign key. */
export type Instruction = 'forget' | 'forget and answer' | 'answer' | 'answer if found';
const instructions: readonly Instruction[] = [
  'forget',
  'forget and answer',
  'answer',
  'answer if found',
];

/** A left row that wants the right row of its foreign key; the message's key is the foreign key. */
export interface Subscription {
  readonly instruction: Instruction;
  readonly key: unknown;
  /** Of the left row's value; an answer to another is out of date. Null: the row was deleted. */
  readonly hash: number | null;
  /** The left row's partition, where the answer goes. */
  readonly partition: number;
}

/** The right row for one left row; the message's key is the left row's. */
export interface Answer {
  readonly hash: number | null;
  readonly partition: number;
  /** Null: there is no right row. */
  readonly value: unknown;
}

/** A place in the store of subscriptions. */
export interface SubscriptionKey {
  readonly foreignKey: unknown;
  readonly key: unknown;
}

const headBytes = 15;

/** Version, instruction or presence, hash, partition; then the key's or value's bytes. */
function head(second: number, hash: number | null, partition: number): Uint8Array {
  const out = new Uint8Array(headBytes);
  const view = new DataView(out.buffer);
  out[0] = wireVersion;
  out[1] = second;
  out[2] = hash === null ? 0 : 1;
  view.setFloat64(3, hash ?? 0);
  view.setInt32(11, partition);
  return out;
}

function readHead(bytes: Uint8Array): { second: number; hash: number | null; partition: number } {
  checkVersion("A foreign-key join's message", bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    second: bytes[1] as number,
    hash: bytes[2] === 0 ? null : view.getFloat64(3),
    partition: view.getInt32(11),
  };
}

export function subscriptionSerde(key: Serde<unknown>): Serde<Subscription> {
  return {
    name: `subscription(${key.name ?? 'custom'})`,
    encode: (subscription) => {
      const { hash, partition } = subscription;
      const instruction = instructions.indexOf(subscription.instruction);
      return concatBytes([head(instruction, hash, partition), key.encode(subscription.key)]);
    },
    decode: (bytes) => {
      const { second, hash, partition } = readHead(bytes);
      const instruction = instructions[second] as Instruction;
      return { instruction, key: key.decode(bytes.subarray(headBytes)), hash, partition };
    },
  };
}

export function answerSerde(value: Serde<unknown>): Serde<Answer> {
  return {
    name: `answer(${value.name ?? 'custom'})`,
    encode: (answer) => {
      const start = head(answer.value === null ? 0 : 1, answer.hash, answer.partition);
      return answer.value === null ? start : concatBytes([start, value.encode(answer.value)]);
    },
    decode: (bytes) => {
      const { second, hash, partition } = readHead(bytes);
      const found = second === 0 ? null : value.decode(bytes.subarray(headBytes));
      return { hash, partition, value: found };
    },
  };
}

/**
 * The foreign key's length (4 bytes) and bytes, then the key's: rows of one foreign key lie
 * together.
 */
export function subscriptionKeySerde(
  foreignKey: Serde<unknown>,
  key: Serde<unknown>,
): Serde<SubscriptionKey> {
  return {
    name: `subscriptionKey(${foreignKey.name ?? 'custom'}, ${key.name ?? 'custom'})`,
    encode: (place) => concatBytes([prefixOf(foreignKey, place.foreignKey), key.encode(place.key)]),
    decode: (bytes) => {
      const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0);
      return {
        foreignKey: foreignKey.decode(bytes.subarray(4, 4 + length)),
        key: key.decode(bytes.subarray(4 + length)),
      };
    },
  };
}

/** Where the subscriptions of a foreign key begin. */
export function prefixOf(serde: Serde<unknown>, foreignKey: unknown): Uint8Array {
  const bytes = serde.encode(foreignKey);
  return concatBytes([int32Bytes(bytes.length), bytes]);
}

/** 53 bits of a value's bytes: two rounds of 32 bits that mix into one another. */
export function hashOf(bytes: Uint8Array): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (const byte of bytes) {
    high = Math.imul(high ^ byte, 2654435761);
    low = Math.imul(low ^ byte, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
