import type { AnySerde } from '../../serde/Serde.ts';

/** Whether two keys are the same to Kafka: by their bytes, where they are not the same value. */
export function sameKey(serde: AnySerde, a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object') return false;
  const first = serde.encode(a as never);
  const second = serde.encode(b as never);
  return first.length === second.length && first.every((byte, i) => byte === second[i]);
}
