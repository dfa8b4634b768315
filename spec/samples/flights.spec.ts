import { expect, it } from '@jest/globals';
import { lastValueFrom, mergeMap, range, toArray } from 'rxjs';
import { KafkaStreams, memoryKafka, partition } from 'rxkstreams';
import { departure, prepare, readAirports, readFlights } from '../../samples/2-flights/data.ts';
import { type Row, report, rowOf, rowsUntil } from '../../samples/2-flights/report.ts';
import { delaysByState, hours } from '../../samples/2-flights/topology.ts';

/** What a plain loop over the same files computes. */
async function plainLoop(): Promise<Map<string, Row>> {
  const airports = await readAirports();
  const sums = new Map<string, { state: string; start: number; flights: number; total: number }>();
  for (const flight of await readFlights()) {
    const airport = airports.get(flight.origin);
    if (airport === undefined) continue;
    const time = departure(flight);
    const start = time - (time % 3_600_000);
    const id = `${airport.state} ${start}`;
    const sum = sums.get(id) ?? { state: airport.state, start, flights: 0, total: 0 };
    sums.set(id, { ...sum, flights: sum.flights + 1, total: sum.total + flight.delay });
  }
  return new Map(
    [...sums.values()].map(({ state, start, flights, total }) => {
      const hour = new Date(start).toISOString();
      return [`${state} ${hour}`, { state, hour, flights, meanDelay: total / flights }];
    }),
  );
}

it('the output topic holds what a plain loop computes, row by row, each once', async () => {
  const client = memoryKafka();
  await prepare(client);
  const app = new KafkaStreams(delaysByState, {
    applicationId: 'flights',
    client,
    idle: { afterMs: 200 },
  });
  await app.start();
  await rowsUntil(client, 20_000);
  await app.close();
  const records = await lastValueFrom(
    range(0, 4).pipe(
      mergeMap((n) => partition(client, hours, n, { from: 'earliest', to: 'end' })),
      toArray(),
    ),
  );
  const expected = await plainLoop();
  expect(expected.size).toBe(14_701);
  expect(records).toHaveLength(14_701);
  const actual = new Map(records.map(rowOf).map((row) => [`${row.state} ${row.hour}`, row]));
  expect(actual).toEqual(expected);
  expect(report([...actual.values()])).toContain('The ten worst hours');
}, 60_000);
