import {
  type AsyncCall,
  deadLetter,
  json,
  mapValuesAsync,
  stream,
  type Topology,
  to,
  topic,
  topology,
} from 'rxkstreams';
import type { Nearest, Point } from './Geocoder.ts';

export interface Airport extends Point {
  readonly iata: string;
  readonly name: string;
}
export type Located = Airport & { readonly near: Nearest };

export const airports = topic('airports', json<Airport>()); // by state
export const located = topic('located', json<Located>()); // by state
export const remote = topic('remote', json<Airport>());

/** Asks a server for each airport, and keeps the order of each state. */
export function locating(ask: (point: Point, call: AsyncCall) => Promise<Nearest>): Topology {
  return topology(() => {
    stream(airports).pipe(
      mapValuesAsync(
        async (airport, _state, call) => ({ ...airport, near: await ask(airport, call) }),
        {
          concurrency: 16,
          order: 'key',
          timeoutMs: 1_000,
          retry: { times: 1, backoffMs: 5 },
          onError: deadLetter(remote.topic),
        },
      ),
      to(located),
    );
  });
}
