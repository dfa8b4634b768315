/**
 * What a crash may do to results.
 *
 * - `at-least-once`: outputs leave as they are made; after a crash the records since the last
 *   commit are taken again.
 * - `exact-state`: state, repartitions and offsets are one transaction; only outputs to users'
 *   topics may repeat.
 * - `exactly-once`: those too are in the transaction; who reads them must read what is committed.
 */
export type Guarantee = 'at-least-once' | 'exact-state' | 'exactly-once';
