import { StreamsError } from '../errors.ts';

/** What becomes of a record that cannot be decoded, processed or produced. */
export type ErrorPolicy =
  | { readonly policy: 'fail' }
  | { readonly policy: 'continue' }
  | { readonly policy: 'dead-letter'; readonly topic: string };

/**
 * The task stops with the error; nothing is lost: the record is the first after a restart. The
 * default.
 */
export const fail: ErrorPolicy = { policy: 'fail' };

/** The record is dropped and counted; what it had changed so far is undone. */
export const skip: ErrorPolicy = { policy: 'continue' };

/**
 * The record goes to this topic with its original bytes, its origin and the error in headers; what
 * it had changed so far is undone.
 */
export function deadLetter(topic: string): ErrorPolicy {
  return { policy: 'dead-letter', topic };
}

/** Throws for what is no policy: records must not be lost to a typing error. */
export function checkPolicy(where: string, policy: unknown): void {
  const { policy: word } = (policy ?? {}) as { readonly policy?: unknown };
  if (policy === undefined || word === 'fail' || word === 'continue') return;
  const { topic } = policy as { readonly topic?: unknown };
  if (word === 'dead-letter' && typeof topic === 'string' && topic !== '') return;
  throw new StreamsError(
    'INVALID_OPTION',
    `${where} is ${typeof policy === 'string' ? `'${policy}'` : `no policy`}: it takes fail, skip or deadLetter('topic'), imported from 'rxkstreams'.`,
  );
}
