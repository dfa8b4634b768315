import { joinWindows, json, leftJoin, stream, to, topic, topology } from 'rxkstreams';

export interface Arrival {
  flight: number;
  from: string;
}
export interface Departure {
  flight: number;
  to: string;
}
export interface Connection {
  arrival: Arrival;
  departure: Departure | null;
}

export const arrivals = topic('arrivals', json<Arrival>()); // by airport
export const departures = topic('departures', json<Departure>()); // by airport
export const connections = topic('connections', json<Connection>()); // by airport

export const waitMs = 60 * 60_000;

/** Who arrives may go on with what leaves within an hour; null: with nothing. */
export const changing = topology(() => {
  const within = { name: 'connections', beforeMs: 0, afterMs: waitMs, graceMs: 0 };
  stream(arrivals).pipe(
    leftJoin(
      stream(departures),
      joinWindows(within),
      (arrival, departure): Connection => ({ arrival, departure }),
    ),
    to(connections),
  );
});
