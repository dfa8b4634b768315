import type { RequestKind } from '../requests/RequestKind.ts';

/** What a member needs of the cluster: its coordinator, and the sizes of topics. */
export interface GroupPort {
  /** Sends to the group's coordinator, once. Rejects when no answer came; an error in it is the caller's. */
  send<Q, R extends { readonly error: number }>(kind: RequestKind<Q, R>, request: Q): Promise<R>;
  /** By topic; topics that do not exist are not in the answer. */
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
}
