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
