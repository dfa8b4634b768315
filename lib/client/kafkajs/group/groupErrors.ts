/** The numbers of Kafka's errors that a group's member acts on. */
export const groupError = {
  none: 0,
  unknownTopicOrPartition: 3,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  illegalGeneration: 22,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  groupIdNotFound: 69,
  memberIdRequired: 79,
  fencedInstanceId: 82,
  unstableOffsetCommit: 88,
} as const;

/** The coordinator is elsewhere or not ready: look for it again, wait, and repeat. */
export function coordinatorMoved(error: number): boolean {
  return (
    error === groupError.coordinatorLoading ||
    error === groupError.coordinatorNotAvailable ||
    error === groupError.notCoordinator
  );
}

/** The group went on without this member. */
export function membershipOver(error: number): boolean {
  return error === groupError.unknownMemberId || error === groupError.illegalGeneration;
}
