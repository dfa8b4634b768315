import { type KafkaClient, produce } from 'rxkstreams';
import { vegaData, vegaRows } from '../vegaData.ts';
import { type Airport, airports, type Flight, flights, hours } from './topology.ts';

/** 20,000 flights of 2001. */
export async function readFlights(): Promise<Flight[]> {
  return JSON.parse(await vegaData('flights-20k.json')) as Flight[];
}

/** Their dates are read as UTC. */
export function departure(flight: Flight): number {
  return Date.parse(`${flight.date.replaceAll('/', '-').replace(' ', 'T')}Z`);
}

/** 3,376 airports, by code. */
export async function readAirports(): Promise<Map<string, Airport>> {
  const rows = await vegaRows('airports.csv');
  return new Map(rows.map(({ iata = '', name = '', state = '' }) => [iata, { name, state }]));
}

/** Makes the topics and fills them, unless another process has. */
export async function prepare(client: KafkaClient): Promise<void> {
  const connection = await client.connect();
  const partitions = 4;
  // Brokers hold timestamps against the wall clock: what flew in 2001 would be deleted as too old.
  const config = { 'retention.ms': '-1' };
  const topics = [airports, flights, hours].map(({ topic }) => ({ topic, partitions, config }));
  const made = await connection.admin.createTopics(topics);
  await connection.close();
  if (!made.includes(flights.topic)) return;
  const [all, byCode] = [await readFlights(), await readAirports()];
  const first = Math.min(...all.map(departure));
  await produce(
    client,
    airports,
    [...byCode].map(([key, value]) => ({ key, value, timestamp: first })),
  );
  await produce(
    client,
    flights,
    all.map((value) => ({ key: value.origin, value, timestamp: departure(value) })),
    { batch: all.length }, // at once: a pause would look like the end to who runs already
  );
}
