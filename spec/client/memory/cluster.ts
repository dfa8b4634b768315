import type { GroupOptions, NewRecord } from '../../../lib/client/KafkaClient.ts';
import { memoryKafka } from '../../../lib/client/memory/MemoryKafka.ts';
import { stickyAssign } from '../../../lib/testing/clientSuite/SuiteMember.ts';
import { VirtualClock } from '../../../lib/testing/VirtualClock.ts';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const record = (value: string, timestamp = 0): NewRecord => {
  return { key: bytes(value), value: bytes(value), timestamp };
};
export const batch = (...values: string[]) => {
  return { topic: 't', partition: 0, records: values.map((value) => record(value)) };
};

/** Where a promise stands, after all that was ready is done. */
export async function fate(clock: VirtualClock, promise: Promise<unknown>): Promise<string> {
  let state = 'pending';
  promise.then(
    () => {
      state = 'done';
    },
    (error: { code: string }) => {
      state = error.code;
    },
  );
  await clock.settle();
  return state;
}

export async function setUp() {
  const clock = new VirtualClock({ startMs: 1_000_000 });
  const kafka = memoryKafka({ clock, topics: { t: 1 } });
  const connection = await kafka.connect({ clientId: 'one' });
  const values = () =>
    kafka.records('t', 0).map(({ value }) => new TextDecoder().decode(value ?? undefined));
  return { clock, kafka, connection, values };
}

export function groupOptions(o: Partial<GroupOptions> = {}): GroupOptions {
  return {
    groupId: 'g',
    topics: ['t'],
    isolation: 'read-uncommitted',
    assignor: { name: 'test', userData: () => new Uint8Array(), assign: stickyAssign },
    onRejoin: async () => {},
    onAssigned: async () => {},
    onLost: async () => {},
    ...o,
  };
}
