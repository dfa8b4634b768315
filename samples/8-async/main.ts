import { KafkaStreams, memoryKafka, produce } from 'rxkstreams';
import { recordsOf } from '../recordsUntil.ts';
import { readAirports, readOffices } from './data.ts';
import { Geocoder } from './Geocoder.ts';
import { airports, located, locating, remote } from './topology.ts';

const client = memoryKafka();
for (const { topic } of [airports, located, remote]) client.createTopic({ topic, partitions: 4 });
await produce(client, airports, await readAirports());
const geocoder = new Geocoder(await readOffices());

const app = new KafkaStreams(
  locating((point, call) => geocoder.nearest(point, call)),
  { applicationId: 'locating', client },
);
await app.start();
await app.idle();
await app.close();

const found = (await recordsOf(client, located)).map(({ key, value }) => ({
  state: key,
  ...value,
}));
const lost = await recordsOf(client, remote);
const { calls, failures, mostAtOnce } = geocoder;
console.log(
  `${found.length} airports located by ${calls} calls, up to ${mostAtOnce} at once;`,
  `${failures} were tried again.\n`,
);
console.log('Farthest from any post office:\n');
for (const { state, name, near } of found
  .sort((a, b) => b.near.miles - a.near.miles)
  .slice(0, 10)) {
  console.log(
    `${name.slice(0, 28).padEnd(28)} ${state}  ${near.miles.toFixed(1).padStart(5)} miles to`,
    `${near.city.slice(0, 20).padEnd(20)} ${near.zip}  ${'█'.repeat(Math.round(near.miles / 3))}`,
  );
}
const codes = lost.map(({ value }) => value.iata).join(' ');
console.log(`\nWith none within a hundred miles, so sent to the topic ${remote.topic}:\n${codes}`);
