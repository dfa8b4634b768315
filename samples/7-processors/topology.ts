import {
  json,
  keyValueStore,
  number,
  type Processor,
  type ProcessorContext,
  process,
  stream,
  to,
  topic,
  topology,
  windowStore,
} from 'rxkstreams';
import { surprising } from './surprising.ts';

export interface Day {
  weather: string;
  warmest: number;
}
export type Said = Record<'at' | 'what', string>;

const dayMs = 24 * 3_600_000;
export const quarterMs = 91 * dayMs;
export const weather = topic('weather', json<Day>()); // by city
export const diary = topic('diary', json<Said>()); // by city
export const warmest = windowStore('warmest', number(), { retentionMs: 31 * dayMs });
export const surprises = keyValueStore('surprises', number());

/** Tells of days far from the thirty before them, and each quarter how many there were. */
export const watching = topology(() => {
  stream(weather).pipe(process(watcher, { stores: [warmest, surprises] }), to(diary));
});

type Context = ProcessorContext<string, Said>;

function watcher(context: Context): Processor<string, Day, Context> {
  const temperatures = context.store(warmest);
  const counts = context.store(surprises);
  const say = (key: string, timestamp: number, what: string): void =>
    context.forward({ key, value: { at: new Date(timestamp).toISOString().slice(0, 10), what } });
  return {
    init() {
      context.schedule({ time: 'stream', intervalMs: quarterMs }, (now) => {
        for (const { key, value } of counts.all()) {
          say(key, now, `surprises since the last report: ${value}`);
          counts.delete(key);
        }
      });
    },
    process({ key, value, timestamp }) {
      const before = temperatures.fetch(key, timestamp - 30 * dayMs, timestamp - 1);
      const surprise = surprising(
        value.warmest,
        Array.from(before, (row) => row.value),
      );
      temperatures.put(key, timestamp, value.warmest, timestamp);
      if (surprise === null) return;
      counts.put(key, (counts.get(key)?.value ?? 0) + 1, timestamp);
      say(key, timestamp, `${surprise}, ${value.weather}`);
    },
  };
}
