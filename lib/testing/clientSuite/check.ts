import { KafkaError } from '../../errors.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Bytes as text; `~` for null, so that null and empty differ. */
export function text(content: Uint8Array | null): string {
  return content === null ? '~' : decoder.decode(content);
}

/** Equal as JSON; what differs is printed one under the other. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== e) throw new Error(`${what}\n  expected ${e}\n  actual   ${a}`);
}

export function truthy(holds: boolean, what: string): void {
  if (!holds) throw new Error(`${what}: does not hold`);
}

/** The `KafkaError` that a call must end with, of one of these codes. */
export async function rejects(
  call: Promise<unknown>,
  codes: readonly string[],
  what: string,
): Promise<KafkaError> {
  let answer: unknown;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof KafkaError && codes.includes(error.code)) return error;
    throw new Error(`${what}: should reject with ${codes.join(' or ')}`, { cause: error });
  }
  throw new Error(`${what}: should reject, but resolved with ${JSON.stringify(answer)}`);
}
