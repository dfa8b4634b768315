import type { PartitionReader } from '../client/KafkaClient.ts';
import { PartitionBuffer } from './PartitionBuffer.ts';
import type { StreamTask } from './StreamTask.ts';
import type { Wanted } from './TaskRestorer.ts';

const pollMs = 500;

/**
 * Runs what a source had up to its committed offset through one table's kernel, which has nobody
 * behind it yet. Yields after each fetch, so that the rows can be put away.
 */
export async function* replaySource(o: {
  readonly task: StreamTask;
  readonly node: number;
  readonly buffer: PartitionBuffer;
  readonly reader: PartitionReader;
  readonly from: number;
  readonly wanted: Wanted;
}): AsyncGenerator<{ readonly records: number; readonly offset: number }> {
  const { task, reader, buffer, wanted } = o;
  const { topic, partition, input } = buffer;
  const tp = { topic, partition };
  const end = buffer.consumed;
  const take = task.pipeline.kernels[o.node]?.inputs[0];
  if (take === undefined || o.from >= end) return;
  const scratch = new PartitionBuffer(input, partition, buffer.decoder);
  scratch.seek(o.from);
  reader.assign([{ ...tp, offset: o.from }]);
  task.isReplaying = true;
  task.turn.isReplay = true;
  while (reader.position(tp) < end && wanted.isWanted) {
    let records = 0;
    for (const fetched of await reader.poll(pollMs)) {
      scratch.add(
        { ...fetched, records: fetched.records.filter(({ offset }) => offset < end) },
        'read-uncommitted',
      );
      while (scratch.prepare()) {
        const { head } = scratch;
        if (head !== null) task.runTurn(`restore of ${topic}`, () => take(head));
        records += 1;
        scratch.shift();
      }
    }
    yield { records, offset: Math.min(reader.position(tp), end) };
  }
  task.isReplaying = false;
  task.turn.isReplay = false;
}
