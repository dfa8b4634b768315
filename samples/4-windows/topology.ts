import {
  aggregate,
  count,
  groupByKey,
  int64,
  json,
  sessionStore,
  sessionWindows,
  slidingWindows,
  stream,
  string,
  to,
  topic,
  topology,
  toStream,
  windowed,
  windowedBy,
  windowStore,
} from 'rxkstreams';

export interface Quake {
  magnitude: number;
}
export interface Swarm {
  quakes: number;
  strongest: number;
}

export const hourMs = 3_600_000;
export const gapMs = 12 * hourMs;
export const quakes = topic('quakes', json<Quake>()); // by place
export const swarms = topic('swarms', windowed(string()), json<Swarm | null>());
export const hours = topic('hours', windowed(string()), int64());

/** Earthquakes that follow one another within 12 hours, and how many any hour had. */
export const shaking = topology(() => {
  const byPlace = stream(quakes).pipe(groupByKey());
  byPlace.pipe(
    windowedBy(sessionWindows({ gapMs, graceMs: 0 }), { emit: 'on close' }),
    aggregate(
      sessionStore('swarms-by-place', json<Swarm>()),
      () => ({ quakes: 0, strongest: -10 }),
      (_place, { magnitude }, swarm) => merged(swarm, { quakes: 1, strongest: magnitude }),
      (_place, a, b) => merged(a, b),
    ),
    toStream(),
    to(swarms),
  );
  byPlace.pipe(
    windowedBy(slidingWindows({ timeDifferenceMs: hourMs, graceMs: 0 })),
    count(windowStore('quakes-within-an-hour', int64())),
    toStream(),
    to(hours),
  );
});

function merged(a: Swarm, b: Swarm): Swarm {
  return { quakes: a.quakes + b.quakes, strongest: Math.max(a.strongest, b.strongest) };
}
