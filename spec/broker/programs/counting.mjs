// Counts the records of each key.
import { tap } from 'rxjs';
import {
  count,
  groupByKey,
  int64,
  keyValueStore,
  stream,
  string,
  to,
  topic,
  topology,
  toStream,
} from 'rxkstreams';
import { runInstance, settings, spin } from './instance.mjs';

const { input, output, workUs } = settings;
const counts = keyValueStore('counts', int64());

const counting = topology(() => {
  stream(topic(input, string())).pipe(
    tap(() => spin(workUs)),
    groupByKey(),
    count(counts),
    toStream(),
    to(topic(output, int64())),
  );
});

await runInstance(counting, { counts });
