import { expect, it } from '@jest/globals';
import { KafkaStreams, memoryKafka, produce } from 'rxkstreams';
import { readAirports, readOffices } from '../../samples/8-async/data.ts';
import { Geocoder, milesBetween } from '../../samples/8-async/Geocoder.ts';
import { airports, located, locating, remote } from '../../samples/8-async/topology.ts';
import { recordsOf } from '../../samples/recordsUntil.ts';

const byState = (list: readonly (readonly [string, unknown])[]): Map<string, unknown[]> => {
  const states = new Map<string, unknown[]>();
  for (const [state, value] of list) states.set(state, [...(states.get(state) ?? []), value]);
  return states;
};

it('the nearest of all post offices is found', async () => {
  const offices = await readOffices();
  const geocoder = new Geocoder(offices);
  const some = (await readAirports()).filter((_, i) => i % 200 === 0);
  expect(some.length).toBeGreaterThan(15);
  for (const { value } of some) {
    const least = Math.min(...offices.map((office) => milesBetween(value, office)));
    const expected = least < 100 ? Math.round(least * 10) / 10 : undefined;
    expect(geocoder.lookUp(value)?.miles).toBe(expected);
  }
}, 60_000);

it('each airport is told once, in the order of its state, or is a dead letter', async () => {
  const client = memoryKafka();
  for (const { topic } of [airports, located, remote]) client.createTopic({ topic, partitions: 4 });
  const all = await readAirports();
  await produce(client, airports, all);
  const geocoder = new Geocoder(await readOffices());
  const topology = locating((point, call) => geocoder.nearest(point, call));
  const app = new KafkaStreams(topology, { applicationId: 'locating', client });
  await app.start();
  await app.idle();
  await app.close();

  const found: [string, unknown][] = [];
  const lost: string[] = [];
  for (const { key, value } of all) {
    const near = geocoder.lookUp(value);
    if (near === null) lost.push(value.iata);
    else found.push([key, { ...value, near }]);
  }
  const told = (await recordsOf(client, located)).map(({ key, value }) => [key, value] as const);
  expect(byState(told)).toEqual(byState(found));
  const letters = (await recordsOf(client, remote)).map(({ value }) => value.iata);
  expect(letters.sort()).toEqual(lost.sort());
  expect(lost.length).toBeGreaterThan(0);
  expect(geocoder.failures).toBeGreaterThan(100);
  expect(geocoder.mostAtOnce).toBeGreaterThan(16);
  expect(geocoder.mostAtOnce).toBeLessThanOrEqual(4 * 16);
}, 60_000);
