import { expect, it } from '@jest/globals';
import { KafkaStreams, memoryKafka, produce } from 'rxkstreams';
import { type Board, readBoards } from '../../samples/6-stream-joins/data.ts';
import {
  arrivals,
  changing,
  connections,
  departures,
  waitMs,
} from '../../samples/6-stream-joins/topology.ts';
import { recordsOf, recordsUntil } from '../../samples/recordsUntil.ts';

/** Each arrival with each departure it can take, or with none: `airport: arrival -> departure`. */
function plainLoop({ arrivals: landed, departures: left }: Board): string[] {
  const byAirport = new Map<string, (typeof left)[number][]>();
  for (const each of left) byAirport.set(each.key, [...(byAirport.get(each.key) ?? []), each]);
  return landed.flatMap(({ key, value, timestamp }) => {
    const taken = (byAirport.get(key) ?? []).filter(
      (other) => other.timestamp >= timestamp && other.timestamp <= timestamp + waitMs,
    );
    return taken.length === 0
      ? [`${key}: ${value.flight} -> none`]
      : taken.map((other) => `${key}: ${value.flight} -> ${other.value.flight}`);
  });
}

it('every arrival meets every departure within the hour, or none, each once', async () => {
  const client = memoryKafka();
  for (const { topic } of [arrivals, departures, connections]) {
    client.createTopic({ topic, partitions: 4 });
  }
  const boards = await readBoards();
  await produce(client, arrivals, boards.arrivals);
  await produce(client, departures, boards.departures);
  const options = { applicationId: 'changing', client, idle: { afterMs: 200 } };
  const app = new KafkaStreams(changing, options);
  await app.start();
  const told = new Set<number>();
  await recordsUntil(client, connections, ({ value }) => {
    told.add(value.arrival.flight);
    return told.size === boards.arrivals.length;
  });
  await app.close();

  const actual = (await recordsOf(client, connections)).map(
    ({ key, value: { arrival, departure } }) =>
      `${key}: ${arrival.flight} -> ${departure?.flight ?? 'none'}`,
  );
  const expected = plainLoop(boards);
  expect(expected.length).toBeGreaterThan(20_000);
  expect(actual.sort()).toEqual(expected.sort());
}, 60_000);
