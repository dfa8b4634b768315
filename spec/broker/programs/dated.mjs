// Readings by device in a table, and by room and hour in windows: through a changelog each and a
// repartition topic.
import { tap } from 'rxjs';
import {
  aggregate,
  count,
  groupByKey,
  int64,
  json,
  keyValueStore,
  repartitionBy,
  stream,
  string,
  suppress,
  to,
  topic,
  topology,
  toStream,
  tumblingWindows,
  untilWindowCloses,
  windowed,
  windowedBy,
  windowStore,
} from 'rxkstreams';
import { runInstance, settings, spin } from './instance.mjs';

const { input, output, workUs } = settings;
const sizeMs = 3_600_000;
const perDevice = keyValueStore('per-device', int64());
const perRoom = windowStore('per-room', json());

const dated = topology(() => {
  const readings = stream(topic(input, json()));
  readings.pipe(groupByKey(), count(perDevice));
  readings.pipe(
    repartitionBy('by-room', ({ room }) => room),
    tap(() => spin(workUs)),
    groupByKey(string()),
    windowedBy(tumblingWindows({ sizeMs, graceMs: 0 })),
    aggregate(
      perRoom,
      () => ({ readings: 0, sum: 0 }),
      (_room, { value }, { readings, sum }) => ({ readings: readings + 1, sum: sum + value }),
    ),
    suppress(untilWindowCloses()),
    toStream(),
    to(topic(output, windowed(string(), { sizeMs }), json())),
  );
});

await runInstance(dated, { perDevice });
