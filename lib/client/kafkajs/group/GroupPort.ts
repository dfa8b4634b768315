import type { RequestKind } from './groupRequests.ts';

/** What a member needs of the cluster: its coordinator, and the sizes of topics. */
export interface GroupPort {
  /**
   * Sends to the group's coordinator, once. Rejects when no answer came; an error in the answer is
   * the caller's. A coordinator that is gone is looked for again by the next call.
   */
  send<Q, R extends { readonly error: number }>(
    kind: RequestKind<Q, R>,
    request: Q,
    o?: SendOptions,
  ): Promise<R>;
  /**
   * By topic; topics that do not exist are not in the answer. `refresh`: asks also about those that
   * are known.
   */
  partitionCounts(
    topics: readonly string[],
    refresh: boolean,
  ): Promise<ReadonlyMap<string, number>>;
  /** Ends what the coordinator holds back. */
  close(): void;
}

export interface SendOptions {
  readonly timeoutMs?: number;
  /** On the member's own connection, where the coordinator may hold answers back. */
  readonly held?: boolean;
}
