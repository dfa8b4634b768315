import { StreamsError } from '../errors.ts';

/** What a second holder of a task's checkpoint gets. */
export function heldError(task: string): StreamsError {
  return new StreamsError(
    'STORAGE_LOCKED',
    'The checkpoint is open elsewhere: close that holder first, ' +
      'or give each app that runs at a time a storage of its own.',
    { place: { task } },
  );
}
