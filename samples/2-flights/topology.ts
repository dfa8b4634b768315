import {
  aggregate,
  groupByKey,
  join,
  json,
  mapValues,
  repartitionBy,
  stream,
  string,
  suppress,
  table,
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

export interface Flight {
  date: string;
  delay: number;
  distance: number;
  origin: string;
  destination: string;
}
export interface Airport {
  name: string;
  state: string;
}
export interface Hour {
  flights: number;
  meanDelay: number;
}

const hourMs = 3_600_000;
export const flights = topic('flights', json<Flight>()); // by airport of origin
export const airports = topic('airports', json<Airport>());
export const hours = topic('hours', windowed(string(), { sizeMs: hourMs }), json<Hour>());
const delays = windowStore('delays-by-state', json<{ flights: number; total: number }>());

/** Flights and their delay, by the state they leave from, hour by hour. */
export const delaysByState = topology(() => {
  stream(flights).pipe(
    join(table(airports), (flight, airport) => ({ delay: flight.delay, state: airport.state })),
    repartitionBy('flights-by-state', (flight) => flight.state),
    groupByKey(),
    windowedBy(tumblingWindows({ sizeMs: hourMs, graceMs: 0 })),
    aggregate(
      delays,
      () => ({ flights: 0, total: 0 }),
      (_state, { delay }, sum) => ({ flights: sum.flights + 1, total: sum.total + delay }),
    ),
    suppress(untilWindowCloses()),
    toStream(),
    mapValues(({ flights, total }) => ({ flights, meanDelay: total / flights })),
    to(hours),
  );
});
