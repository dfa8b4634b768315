import type { Admin, Isolation } from '../client/KafkaClient.ts';
import type { RunningTask } from './RunningTask.ts';

/** The logs end where these tasks have read to. False also where no broker answers. */
export async function areReadToEnd(
  admin: Admin,
  tasks: readonly RunningTask[],
  isolation: Isolation,
): Promise<boolean> {
  const buffers = tasks.flatMap(({ task }) => task.group.buffers);
  if (buffers.length === 0) return true;
  try {
    const ends = await admin.listOffsets(buffers, 'latest', isolation);
    return buffers.every(({ key, position }) => position >= (ends.get(key) ?? 0));
  } catch {
    return false;
  }
}
