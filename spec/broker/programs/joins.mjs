// Numbers of two topics that meet, as one number: of two streams within ten seconds, or of a stream
// and a table.
import { int64, join, joinWindows, stream, table, to, topic, topology } from 'rxkstreams';
import { runInstance, settings } from './instance.mjs';

const { kind, left, right, output } = settings;
const met = (l, r) => l * 1_000_000 + r;
const windows = joinWindows({ name: 'met', beforeMs: 10_000, afterMs: 10_000, graceMs: 0 });

const joining = topology(() => {
  const other = topic(right, int64());
  const joined = kind === 'streams' ? join(stream(other), windows, met) : join(table(other), met);
  stream(topic(left, int64())).pipe(joined, to(topic(output, int64())));
});

await runInstance(joining);
