import { KafkaError } from '../../../errors.ts';

/** Where a member stands towards its group. */
export type MembershipState = 'outside' | 'joining' | 'stable' | 'unsettled' | 'failed' | 'left';

/**
 * Which state may follow which.
 *
 * outside: no member, claims nothing (at first, and when the group went on without it). joining:
 * from JoinGroup to the answer of SyncGroup. stable: a member with an assignment. unsettled: still
 * one, but a new round is due. failed: refused for good. left: closed.
 */
export const membershipTransitions: Readonly<Record<MembershipState, readonly MembershipState[]>> =
  {
    outside: ['joining', 'failed', 'left'],
    joining: ['stable', 'unsettled', 'outside', 'failed', 'left'],
    stable: ['unsettled', 'outside', 'failed', 'left'],
    unsettled: ['joining', 'outside', 'failed', 'left'],
    failed: ['left'],
    left: [],
  };

/** The next state, or an error when the table has no such step. */
export function step(from: MembershipState, to: MembershipState): MembershipState {
  if (membershipTransitions[from].includes(to)) return to;
  throw new KafkaError(
    'ILLEGAL_TRANSITION',
    `A group member cannot go from ${from} to ${to}: report this as a defect.`,
  );
}
