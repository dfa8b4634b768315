import { departure, readFlights } from '../2-flights/data.ts';
import type { Arrival, Departure } from './topology.ts';

interface Event<V> {
  readonly key: string;
  readonly value: V;
  readonly timestamp: number;
}
export interface Board {
  readonly arrivals: readonly Event<Arrival>[];
  readonly departures: readonly Event<Departure>[];
}

const changeMs = 20 * 60_000;

/** What the boards of all airports show of 20,000 flights, each in order of time. */
export async function readBoards(): Promise<Board> {
  const flights = await readFlights();
  const byTime = (a: Event<unknown>, b: Event<unknown>): number => a.timestamp - b.timestamp;
  const leaves = flights.map((flight, number) => ({
    key: flight.origin,
    value: { flight: number, to: flight.destination },
    timestamp: departure(flight) + flight.delay * 60_000,
  }));
  const lands = flights.map((flight, number) => ({
    key: flight.destination,
    value: { flight: number, from: flight.origin },
    timestamp: departure(flight) + flight.delay * 60_000 + flightMs(flight.distance) + changeMs,
  }));
  return { arrivals: lands.sort(byTime), departures: leaves.sort(byTime) };
}

/** At eight miles a minute, and half an hour for taking off and landing. */
function flightMs(miles: number): number {
  return Math.round((miles / 8 + 30) * 60_000);
}
